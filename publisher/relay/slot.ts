import type { Database } from '../postgres/database.ts';

/** The publication of migration 0007: inserts into the event table, without their data. */
export const PUBLICATION = 'doorbell_shop_events';

/** A replication slot. `bytes` of the log are kept for it; `status` is PostgreSQL's `wal_status`. */
export type Slot = { name: string; active: boolean; status: string; bytes: number };

/** The name of this database's slot: slots belong to the whole server. */
export async function slotName(database: Database): Promise<string> {
  const { rows } = await database.query<{ name: string }>(nameOfSlot);
  return rows[0]?.name ?? '';
}
const nameOfSlot = {
  name: 'slot-name',
  // The oid tells databases apart whose names become the same.
  text: `
    select left('doorbell_' || regexp_replace(lower(datname), '[^a-z0-9_]', '_', 'g'), 50) || '_' || oid as name
    from pg_database where datname = current_database()`,
};

/** The slot, or null if there is none. */
export async function readSlot(database: Database, name: string): Promise<Slot | null> {
  const { rows } = await database.query<Slot>(slotByName, [name]);
  return rows[0] ?? null;
}
const slotByName = {
  name: 'slot-by-name',
  text: `
    select slot_name as name, active, coalesce(wal_status, 'lost') as status,
           coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::bigint as bytes
    from pg_replication_slots where slot_name = $1 and database = current_database()`,
};

/** Makes a slot. It waits for every transaction that is writing at that moment; throws 57014 when that takes longer than 5 s. */
export async function createSlot(database: Database, name: string): Promise<void> {
  // Less than a session's own patience, so that the server gives up too, and a relay that stops is not kept for longer.
  await database.query(`set statement_timeout = '5s'`);
  await database
    .query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
    .finally(() => database.query('reset statement_timeout'));
}

/** Drops a slot that nobody reads, with the rights of the schema's owner. Throws if it is being read or the owner may not. */
export async function dropUnusedSlot(database: Database, name: string): Promise<void> {
  await database.query('select drop_unused_slot($1)', [name]);
}

/** Gives a slot up: its log may be recycled. */
export async function dropSlot(database: Database, name: string): Promise<void> {
  await database.query('select pg_drop_replication_slot($1)', [name]);
}

/** End of the log now: every commit that is visible ends at or before it. */
export async function endOfLog(database: Database): Promise<bigint> {
  const { rows } = await database.query<{ end: string }>(endOfWal);
  return BigInt(rows[0]?.end ?? '0');
}
const endOfWal = {
  name: 'end-of-log',
  text: `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as end`,
};

/** What a publication must have: inserts of the event table, with what a ring is made of, and all of them. */
const COLUMNS = ['at', 'event_id', 'id', 'shop_id', 'type', 'version'];

/** Tells whether the publication leaves nothing out: the server would say nothing of it, and it would count as rung. */
export async function isPublished(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ columns: string[]; isWhole: boolean }>(published, [PUBLICATION]);
  const [found] = rows;
  return found?.isWhole === true && COLUMNS.every((column) => found.columns.includes(column));
}
const published = {
  name: 'published',
  text: `
    select attnames::text[] as columns, rowfilter is null and pubinsert as "isWhole"
    from pg_publication_tables join pg_publication using (pubname)
    where pubname = $1 and schemaname = current_schema() and tablename = 'shop_events'`,
};
