-- The event table is the outbox and the audit log at once (docs/decisions/0002-event-table-is-the-outbox.md).

create table owner (
  id          text   collate "C" primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  version     bigint not null,
  name        text   not null,
  public_name text   not null
);

-- The fold of a shop's events, kept in the same transaction: a read is one row.
create table shop (
  id       text    collate "C" primary key check (id ~ '^[A-Za-z0-9_-]{1,64}$'),
  version  bigint  not null,
  closed   boolean not null,
  owner_id text    collate "C" references owner,
  state    jsonb   not null
) with (fillfactor = 80); -- 80: room for the next version on the same page, so that no index is touched (HOT)

create index shop_of_owner on shop (owner_id, id) where owner_id is not null;

-- Sequence cache stays 1 and ids are drawn by the insert only: the relay's gap fence stands on both.
create table shop_events (
  id       bigint      generated always as identity primary key,
  shop_id  text        collate "C" not null,
  version  bigint      not null,
  event_id uuid        not null,
  type     text        not null check (type ~ '^[a-z][a-z0-9]*([.-][a-z0-9]+)*$' and length(type) <= 64),
  data     jsonb       not null,
  meta     jsonb       not null default '{}',
  at       timestamptz not null default clock_timestamp(),
  unique (shop_id, version)
);

create function refuse_to_forget() returns trigger language plpgsql as $$
begin
  raise exception 'shop_events is append-only: % refused', tg_op using errcode = 'restrict_violation';
end $$;

create trigger append_only before update or delete or truncate on shop_events
  for each statement execute function refuse_to_forget();

-- What a command with an Idempotency-Key answered, so that a retry gets the same answer.
create table idempotency_key (
  key         text        primary key,
  fingerprint text        not null,
  status      smallint    not null,
  answer      json        not null, -- not jsonb: the same answer, to the byte
  at          timestamptz not null default clock_timestamp()
);

create table relay_checkpoint (
  name  text   primary key,
  pos   bigint not null,
  epoch bigint not null
);

-- Rings that SNS refuses for good; they block nobody, and nobody forgets them.
create table parked_ring (
  event_id   uuid        primary key,
  shop_id    text        not null,
  type       text        not null,
  version    bigint      not null,
  reason     text        not null,
  at         timestamptz not null default clock_timestamp()
);
