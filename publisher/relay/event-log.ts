import type { Database } from '../postgres/database.ts';
import type { Ring } from './ring.ts';

/** Reads the rings of events above a position, oldest first, at most `limit`. Event data is not read. */
export async function readAfter(database: Database, position: number, limit: number): Promise<Ring[]> {
  const { rows } = await database.query<Ring>(eventsAfter, [position, limit]);
  return rows;
}
const eventsAfter = {
  name: 'events-after',
  text: `
    select event.id as position, shop_id as id, type, version, event_id as "eventId",
           floor(extract(epoch from at) * 1000)::bigint as "occurredAt"
    from shop_events as event where event.id > $1 order by event.id limit $2`,
};

/**
 * Reads the transactions that may have drawn an id and not committed yet: they hold a write lock on the event table.
 */
export async function currentWriters(database: Database): Promise<Set<string>> {
  const { rows } = await database.query<{ holder: string }>(writeLocks);
  return new Set(rows.map(({ holder }) => holder));
}
const writeLocks = {
  name: 'write-locks',
  text: `
    select virtualtransaction as holder from pg_locks
    where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
      and database = (select oid from pg_database where datname = current_database())
      and relation = 'shop_events'::regclass`,
};

/**
 * Position that a relay has reached, with the epoch that lets it move. `catchingUp`: events above it must be rung from
 * the table, because a new slot of the log relay does not have them.
 */
export type Checkpoint = { position: number; epoch: number; catchingUp: boolean };

/** Takes over a checkpoint by raising its epoch: older epochs are refused from now on. */
export async function raiseEpoch(database: Database, name: string): Promise<Checkpoint> {
  const { rows } = await database.query<Checkpoint>(takeOver, [name]);
  const [checkpoint] = rows;
  if (checkpoint === undefined) throw new Error(`no checkpoint named ${name}`);
  return checkpoint;
}
const takeOver = {
  name: 'raise-epoch',
  text: `
    insert into relay_checkpoint (name, pos, epoch) values ($1, 0, 1)
    on conflict (name) do update set epoch = relay_checkpoint.epoch + 1
    returning pos as position, epoch, catching_up as "catchingUp"`,
};

/** Moves a checkpoint. False if another leader has taken over or moved it. */
export async function moveCheckpoint(database: Database, name: string, from: Checkpoint, to: number): Promise<boolean> {
  const { rowCount } = await database.query(compareAndSet, [name, from.position, from.epoch, to]);
  return rowCount === 1;
}
const compareAndSet = {
  name: 'move-checkpoint',
  text: 'update relay_checkpoint set pos = $4 where name = $1 and pos = $2 and epoch = $3',
};

/** Stores whether events above the position must be rung from the table. An old epoch changes nothing. */
export async function markCatchingUp(
  database: Database,
  name: string,
  { epoch }: Checkpoint,
  isCatchingUp: boolean,
): Promise<void> {
  await database.query(catchingUp, [name, epoch, isCatchingUp]);
}
const catchingUp = {
  name: 'mark-catching-up',
  text: 'update relay_checkpoint set catching_up = $3 where name = $1 and epoch = $2',
};

/** Reads the highest position in the event table, or 0. */
export async function lastPosition(database: Database): Promise<number> {
  const { rows } = await database.query<{ last: number }>(highest);
  return rows[0]?.last ?? 0;
}
const highest = { name: 'last-position', text: 'select coalesce(max(id), 0) as last from shop_events' };

/** Seconds since the oldest event above the checkpoint, which is not rung yet; 0 if there is none. */
export async function oldestWaiting(database: Database, name: string): Promise<number> {
  const { rows } = await database.query<{ seconds: number }>(oldest, [name]);
  return rows[0]?.seconds ?? 0;
}
const oldest = {
  name: 'oldest-waiting',
  text: `
    select greatest(0, extract(epoch from clock_timestamp() - at))::float8 as seconds from shop_events
    where id > coalesce((select pos from relay_checkpoint where name = $1), 0) order by id limit 1`,
};

/** Stores a ring that SNS refuses for good. */
export async function parkRing(database: Database, ring: Ring, reason: string): Promise<void> {
  await database.query(park, [ring.eventId, ring.id, ring.type, ring.version, reason]);
}
const park = {
  name: 'park-ring',
  text: `
    insert into parked_ring (event_id, shop_id, type, version, reason) values ($1, $2, $3, $4, $5)
    on conflict (event_id) do update set reason = excluded.reason, at = clock_timestamp()`,
};
