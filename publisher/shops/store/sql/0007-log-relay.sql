-- What the log relay reads of the write-ahead log: that an event was appended, and nothing of its data.
create publication doorbell_shop_events for table shop_events (id, shop_id, version, event_id, type, at)
  with (publish = 'insert');

-- Set while a new replication slot is not caught up to: whoever takes over must ring again from pos (decision 0015).
alter table relay_checkpoint add column catching_up boolean not null default false;
