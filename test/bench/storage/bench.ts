import { parseArgs } from 'node:util';
import type pg from 'pg';
import { openClient } from '../../../publisher/postgres/database.ts';
import { type Changes, prices, registerAll, threeYears } from '../cost/changes.ts';
import { startCountedSystem } from '../cost/system.ts';
import { aligned } from '../report.ts';

/** `npm run bench -- storage`: what an event and a shop take in PostgreSQL, measured on the real schema and real shops. */
type Sizes = { rows: number; heap: number; indexes: Record<string, number> };
type Snapshot = { wal: number; tables: Record<string, Sizes> };
type Phase = { name: string; changes: Changes };

const phases: Phase[] = [
  { name: '5,690 shops are registered', changes: registerAll },
  { name: 'three years of real changes', changes: threeYears },
  { name: '20,000 changes of a price, every shop as likely', changes: prices(1_000, 20, 'uniform') },
];

const TABLES = ['shop', 'shop_events', 'shop_snapshot', 'idempotency_key'];

/** Bytes of log that vacuum and checkpoint wrote: they belong to no event. */
let skipped = 0;

const { json } = parseArgs({ options: { json: { type: 'boolean', default: false } } }).values;
const system = await startCountedSystem({ window: 0, dynamodb: undefined });
const database = await openClient(system.databaseUrl);
try {
  let before = await measure(database);
  for (const { name, changes } of phases) {
    const events = await changes(system.fetch);
    await system.settled();
    const after = await measure(database);
    print(name, events, before, after);
    before = after;
  }
} finally {
  await database.end();
  await system.stop();
}

/** As if vacuumed and checkpointed just now, so that what is new is not what was only put off. */
async function measure(client: pg.Client): Promise<Snapshot> {
  const { rows: log } = await client.query<{ wal: string }>(`select pg_current_wal_insert_lsn() - '0/0' as wal`);
  await client.query('vacuum analyze');
  await client.query('checkpoint');
  const tables: Record<string, Sizes> = {};
  for (const table of TABLES) tables[table] = await sizesOf(client, table);
  const { rows } = await client.query<{ wal: string }>(`select pg_current_wal_insert_lsn() - '0/0' as wal`);
  skipped += Number(rows[0]?.wal) - Number(log[0]?.wal);
  return { wal: Number(rows[0]?.wal) - skipped, tables };
}

async function sizesOf(client: pg.Client, table: string): Promise<Sizes> {
  const { rows } = await client.query<{ rows: string; heap: string }>(
    'select n_live_tup as rows, pg_table_size(relid) as heap from pg_stat_user_tables where relname = $1',
    [table],
  );
  const { rows: indexes } = await client.query<{ name: string; bytes: string }>(
    'select indexrelname as name, pg_relation_size(indexrelid) as bytes from pg_stat_user_indexes where relname = $1',
    [table],
  );
  const sizes = indexes.map(({ name, bytes }) => [name, Number(bytes)]);
  return { rows: Number(rows[0]?.rows), heap: Number(rows[0]?.heap), indexes: Object.fromEntries(sizes) };
}

function print(name: string, events: number, before: Snapshot, after: Snapshot): void {
  const wal = (after.wal - before.wal) / events;
  const rows = TABLES.flatMap((table) => grown(table, before.tables[table], after.tables[table]));
  if (json) return void process.stdout.write(`${JSON.stringify({ schemaVersion: 1, name, events, wal, rows })}\n`);
  const whole = (value: number) => Math.round(value).toLocaleString('en-US');
  const cells = rows.map(({ what, rows, bytes, each }) => [
    what,
    whole(rows),
    whole(bytes),
    each === null ? '-' : whole(each),
  ]);
  const table = aligned([['', 'more rows', 'more bytes', 'bytes a new row'], ...cells]);
  process.stdout.write(
    `\n${name}: ${whole(events)} events, ${whole(wal)} bytes of write-ahead log an event\n${table}\n`,
  );
}

type Grown = { what: string; rows: number; bytes: number; each: number | null };

function grown(table: string, before: Sizes | undefined, after: Sizes | undefined): Grown[] {
  if (before === undefined || after === undefined) return [];
  const rows = after.rows - before.rows;
  const line = (what: string, bytes: number): Grown => ({ what, rows, bytes, each: rows > 0 ? bytes / rows : null });
  const indexes = Object.entries(after.indexes).map(([name, bytes]) =>
    line(`  ${name}`, bytes - (before.indexes[name] ?? 0)),
  );
  return [line(table, after.heap - before.heap), ...indexes];
}
