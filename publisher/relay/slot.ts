import type { Database } from '../postgres/database.ts';

/** The publication of migration 0007: inserts into the event table, without their data. */
export const PUBLICATION = 'doorbell_shop_events';

/** A replication slot. `bytes` of the log are kept for it; `status` is the `wal_status` of PostgreSQL. */
export type Slot = { name: string; active: boolean; status: string; bytes: number };

/** Names this database's slot. The name holds the database, because slots belong to the whole server. */
export async function slotName(database: Database): Promise<string> {
  const { rows } = await database.query<{ name: string }>(nameOfSlot);
  return rows[0]?.name ?? '';
}
const nameOfSlot = {
  name: 'slot-name',
  // The oid keeps databases apart whose names become the same.
  text: `
    select left('doorbell_' || regexp_replace(lower(datname), '[^a-z0-9_]', '_', 'g'), 50) || '_' || oid as name
    from pg_database where datname = current_database()`,
};

/** Reads the slot, or null if there is none. */
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

/** Creates a slot. It waits for every transaction that is writing at that moment; throws 57014 after 5 s. */
export async function createSlot(database: Database, name: string): Promise<void> {
  // 5 s is less than the session's own timeout, so that the server gives up too and a relay can stop quickly.
  await database.query(`set statement_timeout = '5s'`);
  await database
    .query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
    .finally(() => database.query('reset statement_timeout'));
}

/**
 * Drops a slot that no session reads, with the rights of the schema's owner. Throws if the slot is being read or the
 * owner lacks the right.
 */
export async function dropUnusedSlot(database: Database, name: string): Promise<void> {
  await database.query('select drop_unused_slot($1)', [name]);
}

/** Drops a slot: PostgreSQL may recycle its log. */
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

/**
 * Columns that the publication must have: those that make up a ring. It must publish all inserts of the event table.
 */
const COLUMNS = ['at', 'event_id', 'id', 'shop_id', 'type', 'version'];

/**
 * True if the publication leaves nothing out: the server reports no gap, and the missing events would count as rung.
 */
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
