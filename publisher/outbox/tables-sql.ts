import { PRUNED_AT_ONCE } from '../relay/event-log.ts';
import { publicationOf } from './schema.ts';

/** Statements for the tables of the outbox: resources with their versions, changes, and what the relay writes down. */
export const tablesSql = (schema: string): string => `
-- One row for each resource that was ever rung. Its row lock gives the versions an order.
create table ${schema}.resource (
  id      text collate "C" primary key, -- ordered by bytes, as pages and digests need it
  version bigint      not null,
  gone    boolean     not null,
  at      timestamptz not null
) with (fillfactor = 80); -- 80: room for the next version on the same page, so that no index is touched (HOT)

-- Position of a resource among the buckets of the digests. The expression never changes for a resource.
create index resource_bucket on ${schema}.resource (substr(sha256(id::bytea), 1, 4));

-- The change log. The relay's gap fence needs a sequence cache of 1, and positions that are drawn by the insert.
create table ${schema}.change (
  position bigint      generated always as identity primary key,
  id       text        collate "C" not null,
  type     text        not null,
  version  bigint      not null,
  event_id uuid        not null,
  gone     boolean     not null,
  at       timestamptz not null default clock_timestamp(),
  trace    text -- W3C traceparent of the transaction
);

create table ${schema}.relay_checkpoint (
  name        text    primary key,
  pos         bigint  not null,
  epoch       bigint  not null,
  catching_up boolean not null default false
);

-- Rings that the broker refuses for good: they block no other ring, and are not lost.
create table ${schema}.parked_ring (
  event_id uuid        primary key,
  id       text        not null,
  type     text        not null,
  version  bigint      not null,
  reason   text        not null,
  at       timestamptz not null default clock_timestamp()
);

-- The last change that was removed: a consumer that has not read up to it has missed some.
create table ${schema}.pruned (
  position bigint not null,
  event_id uuid   not null
);
create unique index pruned_once on ${schema}.pruned ((true));

create publication ${publicationOf(schema)}
  for table ${schema}.change (position, id, type, version, event_id, at) with (publish = 'insert');
`;

/** Statements that keep the change log append-only, and remove what is old and was rung. */
export const keepingSql = (schema: string): string => `
create function ${schema}.refuse_to_forget() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' and pg_catalog.current_setting('${schema}.pruning', true) = 'on' then return null; end if;
  raise exception using errcode = 'restrict_violation',
    message = pg_catalog.format('${schema}.change is append-only: %s refused', tg_op);
end $$;

create trigger append_only before update or delete or truncate on ${schema}.change
  for each statement execute function ${schema}.refuse_to_forget();

-- Removes changes that are older than keep and that every relay has passed, oldest first, and never the newest one.
create function ${schema}.prune(keep interval) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  pruned bigint;
  upto bigint := least(
    (select coalesce(min(pos), 0) from ${schema}.relay_checkpoint),
    (select coalesce(max(position), 0) - 1 from ${schema}.change));
begin
  perform pg_catalog.set_config('${schema}.pruning', 'on', true);
  with removed as (
    delete from ${schema}.change where position in (
      select position from (
        select position, at from ${schema}.change where position <= upto order by position limit ${PRUNED_AT_ONCE}
      ) as oldest where at < pg_catalog.clock_timestamp() - keep)
    returning position, event_id
  ), last as (
    insert into ${schema}.pruned as known (position, event_id)
    select position, event_id from removed order by position desc limit 1
    on conflict ((true)) do update set position = excluded.position, event_id = excluded.event_id
      where known.position < excluded.position
  )
  select count(*) from removed into pruned;
  perform pg_catalog.set_config('${schema}.pruning', 'off', true);
  return pruned;
end $$;

-- A replication slot that no session reads keeps the write-ahead log for ever. Drops the slot of this outbox only.
create function ${schema}.drop_unused_slot(slot name) returns void
language sql security definer set search_path = '' as $$
  select pg_catalog.pg_drop_replication_slot(slot_name) from pg_catalog.pg_replication_slots
  where slot_name = slot and slot like 'doorbell\\_outbox\\_%' and not active
    and database = pg_catalog.current_database()
$$;
`;
