/**
 * Statements for the functions that services call in their own transactions. They have the rights of the outbox's
 * owner. They check ids and types, because the relay could refuse a bad one only after the commit, which is too late.
 * With an empty search path, all names but those of pg_catalog are qualified.
 */
export const ringSql = (schema: string): string => `
-- A UUIDv7 (RFC 9562, 5.7): 48 bits of milliseconds, then random bits. PostgreSQL has it from version 18 on.
do $do$ begin
  if current_setting('server_version_num')::int >= 180000 then
    create function ${schema}.new_event_id() returns uuid language sql volatile as 'select pg_catalog.uuidv7()';
  else
    create function ${schema}.new_event_id() returns uuid language sql volatile as $$
      select encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3) from 1 for 6),
        52, 1), 53, 1), 'hex')::uuid
    $$;
  end if;
end $do$;

create function ${schema}.check_change(id text, type text) returns void
language plpgsql set search_path = '' as $$
begin
  if id is null or id !~ '^[A-Za-z0-9._~:-]{1,128}$' or id in ('.', '..') then
    raise exception using errcode = 'invalid_parameter_value',
      message = format('${schema}.ring: the id %s cannot be rung', coalesce(quote_literal(id), 'null')),
      hint = 'An id has 1 to 128 of A-Z a-z 0-9 . _ ~ : - and is not . or ..; ring another key of the row.';
  end if;
  raise exception using errcode = 'invalid_parameter_value',
    message = format('${schema}.ring: the type %s cannot be rung', coalesce(quote_literal(type), 'null')),
    hint = 'A type is lower-case words joined by . and -, at most 64 characters, such as product.price-changed.';
end $$;

-- Says that a resource has changed. Draws its next version and writes the change log, in the caller's transaction.
create function ${schema}.ring(id text, type text, trace text default null) returns bigint
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  drawn bigint;
begin
  -- Lengths are compared: the same bound in the expression, {1,128}, costs 10 of 58 µs of a call.
  if $1 is null or $1 !~ '^[A-Za-z0-9._~:-]+$' or length($1) > 128 or $1 in ('.', '..')
     or $2 is null or length($2) > 64 or $2 !~ '^[a-z][a-z0-9]*([.-][a-z0-9]+)*$' then
    perform ${schema}.check_change($1, $2);
  end if;
  insert into ${schema}.resource as known (id, version, gone, at) values ($1, 1, false, clock_timestamp())
  on conflict (id) do update set version = known.version + 1, gone = false, at = excluded.at
  returning version into drawn;
  insert into ${schema}.change (id, type, version, event_id, gone, trace)
  values ($1, $2, drawn, ${schema}.new_event_id(), false, $3);
  return drawn;
end $$;

-- Says that a resource is gone. A resource that is gone already keeps its version.
create function ${schema}.gone(id text, type text, trace text default null) returns bigint
language plpgsql security definer set search_path = '' as $$
#variable_conflict use_column
declare
  drawn bigint;
begin
  if $1 is null or $1 !~ '^[A-Za-z0-9._~:-]+$' or length($1) > 128 or $1 in ('.', '..')
     or $2 is null or length($2) > 64 or $2 !~ '^[a-z][a-z0-9]*([.-][a-z0-9]+)*$' then
    perform ${schema}.check_change($1, $2);
  end if;
  with moved as (
    insert into ${schema}.resource as known (id, version, gone, at) values ($1, 1, true, clock_timestamp())
    on conflict (id) do update set version = known.version + 1, gone = true, at = excluded.at
      where not known.gone
    returning version
  )
  insert into ${schema}.change (id, type, version, event_id, gone, trace)
  select $1, $2, moved.version, ${schema}.new_event_id(), true, $3 from moved
  returning version into drawn;
  if drawn is null then select version into drawn from ${schema}.resource where id = $1; end if;
  return drawn;
end $$;
`;
