-- One row per shop: its version and its advertisement as JSON; null once it has closed. Columns for the queries are generated.
create table if not exists view (
  id        text    primary key,
  version   integer not null,
  view      text,
  category  text    generated always as (view ->> '$.category') stored,
  openness  text    generated always as (view ->> '$.openness') stored,
  latitude  real    generated always as (view ->> '$.place.latitude') stored,
  longitude real    generated always as (view ->> '$.place.longitude') stored
) strict;
