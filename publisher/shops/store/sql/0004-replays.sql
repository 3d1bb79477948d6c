-- What is rung again, and how far it came (docs/decisions/0017-replay-beside-the-relay.md).
create table replay (
  id         bigint      generated always as identity primary key,
  selection  jsonb       not null, -- { types, since, until, shops }
  consumer   text,                 -- null: all of them, through the topic
  rings      bigint      not null, -- how many there were to ring when it started
  pos        bigint      not null default 0,
  upto       bigint      not null,
  rung       bigint      not null default 0,
  refused    bigint      not null default 0,
  state      text        not null default 'ringing' check (state in ('ringing', 'stopped', 'done')),
  started_at timestamptz not null default clock_timestamp(),
  updated_at timestamptz not null default clock_timestamp()
);

grant select, insert, update on replay to doorbell_app;
