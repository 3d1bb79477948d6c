-- One row per shop: its version and its card as JSON; null once it has closed. Columns for the queries are generated from the card.
create table if not exists view (
  id       text    primary key,
  version  integer not null,
  view     text,
  province text    generated always as (view ->> '$.region.province') stored,
  city     text    generated always as (view ->> '$.region.city') stored,
  category text    generated always as (view ->> '$.category') stored,
  openness text    generated always as (view ->> '$.openness') stored,
  words    text    generated always as (view ->> '$.words') stored
) strict;
