-- The shape of an event's data, counted per type; old events keep theirs and are read as new ones
-- (docs/decisions/0018-events-are-upcast.md). A constant default rewrites no row.
alter table shop_events add column schema smallint not null default 1 check (schema > 0);

-- Snapshots are derived: doorbell rebuild writes them anew.
do $$
begin
  if exists (select from pg_roles where rolname = 'doorbell_app') then
    grant update, delete on shop_snapshot to doorbell_app;
  end if;
end $$;
