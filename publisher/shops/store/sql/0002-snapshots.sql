-- The state of a shop at every hundredth version or so, so that the state as of any moment is the fold of few events.
create table shop_snapshot (
  shop_id text        collate "C" not null,
  version bigint      not null,
  state   jsonb       not null,
  at      timestamptz not null default clock_timestamp(),
  primary key (shop_id, version)
);
