import type { Database } from '../postgres/database.ts';
import type { Replication, RingColumns, Slot } from './event-log.ts';

/** Names that the log relay of a change log needs. */
export type SlotNames = {
  /** Publication with all inserts of the table of changes, and the columns of a ring. */
  publication: string;
  columns: RingColumns;
  /** Schema and name of the table of changes, as SQL expressions. */
  schemaOf: string;
  changesOf: string;
  /** Query for the name of the slot, as `name`. */
  slotName: string;
  /** Function that drops a slot which no session reads, with the rights of the schema's owner. */
  dropUnusedSlot: string;
};

/** Makes the slots of a change log on a session. */
export function tableReplication(names: SlotNames, database: Database): Replication {
  const { publication, columns } = names;
  const published = `
    select attnames::text[] as columns, rowfilter is null and pubinsert as "isWhole"
    from pg_publication_tables join pg_publication using (pubname)
    where pubname = $1 and schemaname = ${names.schemaOf} and tablename = ${names.changesOf}`;
  return {
    publication,
    columns,
    // The server reports no gap, and what a publication leaves out would count as rung.
    async isPublished() {
      const { rows } = await database.query<{ columns: string[]; isWhole: boolean }>(published, [publication]);
      const [found] = rows;
      return found?.isWhole === true && Object.values(columns).every((column) => found.columns.includes(column));
    },
    async name() {
      const { rows } = await database.query<{ name: string }>(names.slotName);
      return rows[0]?.name ?? '';
    },
    read: (slot) => readSlot(database, slot),
    create: (slot) => createSlot(database, slot),
    async drop(slot) {
      await database.query('select pg_drop_replication_slot($1)', [slot]);
    },
    async dropUnused(slot) {
      await database.query(`select ${names.dropUnusedSlot}($1)`, [slot]);
    },
    async endOfLog() {
      const { rows } = await database.query<{ end: string }>(endOfWal);
      return BigInt(rows[0]?.end ?? '0');
    },
  };
}

async function readSlot(database: Database, name: string): Promise<Slot | null> {
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
async function createSlot(database: Database, name: string): Promise<void> {
  // 5 s is less than the session's own timeout, so that the server gives up too and a relay can stop quickly.
  await database.query(`set statement_timeout = '5s'`);
  await database
    .query(`select pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
    .finally(() => database.query('reset statement_timeout'));
}

const endOfWal = {
  name: 'end-of-log',
  text: `select pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::text as end`,
};
