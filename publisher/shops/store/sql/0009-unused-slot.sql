-- A replication slot that nobody reads keeps the log for ever. The relay's user may not replicate: this, with the rights of the
-- owner, drops the log relay's slot of this database if nobody reads it, and nothing else (docs/decisions/0015-log-relay.md).
create function drop_unused_slot(slot name) returns void language sql security definer set search_path = pg_catalog as $$
  select pg_drop_replication_slot(slot_name) from pg_replication_slots
  where slot_name = slot and slot like 'doorbell\_%' and database = current_database() and not active
$$;
revoke execute on function drop_unused_slot(name) from public;
grant execute on function drop_unused_slot(name) to doorbell_app;

-- A snapshot is as old as the event behind it: made a moment before, it would be found by whoever asks for that moment.
update shop_snapshot as snapshot set at = event.at from shop_events as event
where event.shop_id = snapshot.shop_id and event.version = snapshot.version;
