-- The shape of an event's data, counted per type; old events keep theirs and are read as new ones
-- (docs/decisions/0018-events-are-upcast.md). A constant default rewrites no row.
alter table shop_events add column schema smallint not null default 1 check (schema > 0);
grant insert (schema) on shop_events to doorbell_app;

