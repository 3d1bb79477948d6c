-- What becomes the id of a notification is written like one from here on: an event of a shop with any other id can't be appended.
-- Not valid: old events are of shops whose own id was checked, and reading all of them would hold up whoever writes.
alter table shop_events add constraint shop_events_shop_id_check check (shop_id ~ '^[A-Za-z0-9_-]{1,64}$') not valid;
