import { createHash } from 'node:crypto';
import type { Database, Pool } from './database.ts';
import { transaction } from './transaction.ts';

/** A numbered migration: a name that is never used again, and its SQL. */
export type SqlFile = { name: string; text: string };

/** Migrations of one schema: its files in order, the table of applied ones, and a lock of its own. */
export type Migrations = {
  files: readonly SqlFile[];
  /** Table of applied migrations, with its schema where it has one. It is created with the first migration. */
  table: string;
  /** Number of the advisory lock, the same in every process, so that two that start at once migrate once. */
  lock: number;
  /** Statement that runs before the table is created, for a schema of its own. */
  before?: string;
  /** Sentence for a user who lacks a right: how the migrations are run by another. */
  remedy: string;
};

type Migration = SqlFile & { hash: string };
type Applied = Omit<Migration, 'text'>;

/**
 * Applies each migration once, in order, all in one transaction, and returns the names of the new ones. If there is
 * nothing to do, a user that may only read the table is enough. Throws if an applied migration has changed since, if
 * the database has migrations that this release lacks, or if the user lacks a right.
 */
export async function applyMigrations(pool: Pool, migrations: Migrations): Promise<string[]> {
  return transaction(pool, (database) => applyPending(database, migrations)).catch((error) =>
    explain(error, migrations),
  );
}

/**
 * State of the schema, compared with this release: files not applied, applied files that it lacks, and files applied
 * with other text.
 */
export type SchemaState = { pending: string[]; unknown: string[]; changed: string[] };

/** Compares the applied files with this release's files, and changes nothing. */
export async function migrationState(database: Database, { files, table }: Migrations): Promise<SchemaState> {
  const applied = (await isMigrated(database, table)) ? await listApplied(database, table) : [];
  const known = new Map(files.map(toMigration).map(({ name, hash }) => [name, hash]));
  const names = new Set(applied.map(({ name }) => name));
  return {
    pending: files.map(({ name }) => name).filter((name) => !names.has(name)),
    unknown: [...names].filter((name) => !known.has(name)),
    changed: applied.filter(({ name, hash }) => known.has(name) && known.get(name) !== hash).map(({ name }) => name),
  };
}

/** PostgreSQL 15: a publication names its columns, which older versions don't support. */
const OLDEST_SERVER = 150_000;

async function refuseOldServer(database: Database): Promise<void> {
  const { rows } = await database.query<{ version: number; name: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name`,
  );
  if ((rows[0]?.version ?? 0) < OLDEST_SERVER)
    throw new Error(`The publisher needs PostgreSQL 15 or newer; this is ${rows[0]?.name}.`);
}

async function applyPending(database: Database, { files, table, lock, before }: Migrations): Promise<string[]> {
  await refuseOldServer(database);
  await database.query('set local statement_timeout = 0; set local lock_timeout = 0');
  await database.query('select pg_advisory_xact_lock($1)', [lock]);
  const migrations = files.map(toMigration);
  // Created only if it is missing: `create if not exists` needs the right to create even where the table exists.
  if (!(await isMigrated(database, table))) {
    if (before !== undefined) await database.query(before);
    await database.query(tableOfMigrations(table));
  }
  const applied = await listApplied(database, table);
  checkApplied(applied, migrations);
  const pending = migrations.filter(({ name }) => !applied.some((row) => row.name === name));
  for (const { name, text, hash } of pending) {
    await database.query(text);
    await database.query(`insert into ${table} (name, hash) values ($1, $2)`, [name, hash]);
  }
  return pending.map(({ name }) => name);
}

/** Writes all migrations as one script, for a tool of the team's own. A later run of `applyMigrations` knows them. */
export function migrationScript({ files, table, before }: Migrations): string {
  const rows = files.map(toMigration).map(({ name, hash }) => `('${name}', '${hash}')`);
  const texts = files.map(({ text }) => text.trim());
  return [before, tableOfMigrations(table), ...texts, `insert into ${table} (name, hash) values ${rows.join(', ')}`]
    .flatMap((each) => (each === undefined ? [] : `${each.replace(/;?$/, '')};`))
    .join('\n\n');
}

const tableOfMigrations = (table: string): string =>
  `create table ${table} (name text primary key, hash text not null, at timestamptz not null default now())`;

async function isMigrated(database: Database, table: string): Promise<boolean> {
  const { rows } = await database.query<{ isThere: boolean }>('select to_regclass($1) is not null as "isThere"', [
    table,
  ]);
  return rows[0]?.isThere === true;
}

async function listApplied(database: Database, table: string): Promise<Applied[]> {
  const { rows } = await database.query<Applied>(`select name, hash from ${table} order by name`);
  return rows;
}

/** 42501: insufficient_privilege. */
function explain(error: Error & { code?: string }, { remedy }: Migrations): never {
  if (error.code !== '42501') throw error;
  throw new Error(`The schema is not up to date, and this user may not change it (${error.message}). ${remedy}`, {
    cause: error,
  });
}

function toMigration({ name, text }: SqlFile): Migration {
  return { name, text, hash: createHash('sha256').update(text).digest('hex') };
}

function checkApplied(applied: Applied[], known: Migration[]): void {
  for (const { name, hash } of applied) {
    const file = known.find((migration) => migration.name === name);
    if (file === undefined)
      throw new Error(
        `The database has migration ${name}, which this release doesn't know: start a release as new as the database.`,
      );
    if (file.hash !== hash)
      throw new Error(`Migration ${name} was applied with other text: undo the edit and write a new file instead.`);
  }
}
