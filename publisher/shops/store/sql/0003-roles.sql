-- The API and the relay run as a user that is a member of doorbell_app (docs/decisions/0016-a-token-and-a-role-for-each.md). It may
-- do what the code does and no more: the event table can only grow, and nobody but the owner changes a table or drops a trigger.

-- A role belongs to the whole server: another database of it may have made it before, or be making it right now.
do $$
begin
  if not exists (select from pg_roles where rolname = 'doorbell_app') then
    create role doorbell_app nologin;
  end if;
exception
  when duplicate_object or unique_violation then null;
  when insufficient_privilege then
    raise exception using errcode = 'insufficient_privilege',
      message = 'the role doorbell_app is missing; let an administrator say once: create role doorbell_app nologin';
end $$;

-- Whoever could put a table or a function into this schema could have our statements call it. PostgreSQL before 15 let everybody.
revoke create on schema public from public;
grant usage on schema public to doorbell_app;

grant select on migration to doorbell_app;
-- Not the table's id and time: nobody slips an event in between others, or dates one back. A new column must be granted, too.
grant select, insert (shop_id, version, event_id, type, data, meta) on shop_events to doorbell_app;
grant select, insert on shop_snapshot, idempotency_key to doorbell_app;
grant select, insert, update on owner, shop, relay_checkpoint, parked_ring to doorbell_app;

-- A trigger needs no permission to call it.
revoke execute on function refuse_to_forget() from public;

-- A new table is closed to doorbell_app until its migration grants what the code needs of it: there are no default privileges on purpose.
