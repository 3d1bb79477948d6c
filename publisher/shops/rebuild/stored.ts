import { MOST_BYTES } from '../../http/bounds.ts';
import type { Database } from '../../postgres/database.ts';
import type { Shop } from '../domain/shop.ts';
import type { WrittenEvent } from '../domain/upcast.ts';

/** An event as it was written, with its shop and version. */
export type PlacedEvent = EventPlace & { event: WrittenEvent };

/** A place in the events of all shops: by shop, and then by version. */
export type EventPlace = { id: string; version: number };

/** 1,000 events per read. */
const READ = 1_000;

/**
 * Reads the events after a place, shop by shop, oldest first: at most 1,000, of some 2 MiB together, and none only at
 * the end. `upto` is the last shop to read, or null for all.
 */
export async function eventsAfter(database: Database, after: EventPlace, upto: string | null): Promise<PlacedEvent[]> {
  const parameters = [after.id, after.version, upto, READ, MOST_BYTES];
  const { rows } = await database.query<EventPlace & WrittenEvent & { data: string }>(shopEvents, parameters);
  return rows.map(({ id, version, data, ...event }) => ({ id, version, event: { ...event, data: JSON.parse(data) } }));
}
// `~` is above every character of an id. Read row by row, so that PostgreSQL itself stops, as in read-shops.ts.
const shopEvents = {
  name: 'events-by-shop',
  text: `
    with recursive page as (
      (select shop_id, version, type, schema, data::text as data, 1 as nth, 0 as before from shop_events
       where (shop_id, version) > ($1, $2) and shop_id <= coalesce($3, '~') order by shop_id, version limit 1)
      union all
      select next.*, nth + 1, before + octet_length(page.data)
      from page cross join lateral (
        select shop_id, version, type, schema, data::text as data from shop_events
        where (shop_id, version) > (page.shop_id, page.version) and shop_id <= coalesce($3, '~')
        order by shop_id, version limit 1
      ) as next
      where nth < $4 and before + octet_length(page.data) < $5
    )
    select shop_id as id, version, type, schema, data from page order by nth`,
};

/** The row of a shop, as it is stored. */
export type StoredRow = { id: string; version: number; closed: boolean; owner_id: string | null; state: Shop };

/** Reads the rows of these shops; `lock` keeps them from changing until the transaction ends. */
export async function rowsOf(
  database: Database,
  ids: readonly string[],
  lock = false,
): Promise<Map<string, StoredRow>> {
  const { rows } = await database.query<StoredRow>(lock ? lockedRows : shopRows, [ids]);
  return new Map(rows.map((row) => [row.id, row]));
}
const shopRows = {
  name: 'rows-of-shops',
  text: 'select id, version, closed, owner_id, state from shop where id = any($1)',
};
const lockedRows = {
  name: 'locked-rows-of-shops',
  text: 'select id, version, closed, owner_id, state from shop where id = any($1) order by id for update',
};

/** A snapshot, as it is stored. */
export type StoredSnapshot = EventPlace & { state: Shop };

/** Reads the snapshots from one place to another, both included. */
export async function snapshotsBetween(
  database: Database,
  from: EventPlace,
  to: EventPlace,
): Promise<StoredSnapshot[]> {
  const { rows } = await database.query<StoredSnapshot>(snapshots, [from.id, from.version, to.id, to.version]);
  return rows;
}
const snapshots = {
  name: 'snapshots-between',
  text: `
    select shop_id as id, version, state from shop_snapshot
    where (shop_id, version) >= ($1, $2) and (shop_id, version) <= ($3, $4) order by shop_id, version`,
};

/** A row of a shop, or a snapshot (with a version), without an event. */
export type Orphan = { id: string; version: number | null };

/** Reads rows of shops without any event, with ids above one: at most 1,000. */
export async function orphanRows(database: Database, { id }: Orphan): Promise<Orphan[]> {
  const { rows } = await database.query<Orphan>(rowsWithoutEvents, [id, READ]);
  return rows;
}
const rowsWithoutEvents = {
  name: 'rows-without-events',
  text: `
    select id, null::bigint as version from shop
    where id > $1 and not exists (select from shop_events where shop_id = shop.id) order by id limit $2`,
};

/** Reads snapshots after a place at versions that their shop never had: at most 1,000. */
export async function orphanSnapshots(database: Database, { id, version }: Orphan): Promise<Orphan[]> {
  const { rows } = await database.query<Orphan>(snapshotsWithoutEvents, [id, version, READ]);
  return rows;
}
const snapshotsWithoutEvents = {
  name: 'snapshots-without-events',
  text: `
    select shop_id as id, version from shop_snapshot as snapshot
    where (shop_id, version) > ($1, $2) and not exists (
      select from shop_events as event where event.shop_id = snapshot.shop_id and event.version = snapshot.version
    ) order by shop_id, version limit $3`,
};

/** Updates the row of a shop. The row exists and is locked. */
export async function updateRow(
  database: Database,
  { id, version, closed, owner_id, state }: StoredRow,
): Promise<void> {
  await database.query(writeRow, [id, version, closed, owner_id, state]);
}
const writeRow = {
  name: 'write-row',
  text: 'update shop set version = $2, closed = $3, owner_id = $4, state = $5 where id = $1',
};

/** Inserts the row of a shop without one; a row that appeared meanwhile is left unchanged. */
export async function insertRow(
  database: Database,
  { id, version, closed, owner_id, state }: StoredRow,
): Promise<void> {
  await database.query(newRow, [id, version, closed, owner_id, state]);
}
const newRow = {
  name: 'new-row',
  text: `
    insert into shop (id, version, closed, owner_id, state) values ($1, $2, $3, $4, $5) on conflict (id) do nothing`,
};

/** Updates a snapshot that exists. */
export async function writeSnapshot(database: Database, { id, version, state }: StoredSnapshot): Promise<void> {
  await database.query(updateSnapshot, [id, version, state]);
}
const updateSnapshot = {
  name: 'write-snapshot',
  text: 'update shop_snapshot set state = $3 where shop_id = $1 and version = $2',
};

/** Removes the snapshots of a shop at versions that it never had, and returns those versions. */
export async function removeOrphans(database: Database, id: string): Promise<number[]> {
  const { rows } = await database.query<{ version: number }>(removeSnapshots, [id]);
  return rows.map(({ version }) => version);
}
const removeSnapshots = {
  name: 'remove-orphan-snapshots',
  text: `
    delete from shop_snapshot as snapshot where shop_id = $1 and not exists (
      select from shop_events as event where event.shop_id = snapshot.shop_id and event.version = snapshot.version
    ) returning version`,
};
