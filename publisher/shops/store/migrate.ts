import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Database, type Pool, transaction } from '../../postgres/database.ts';

const folder = new URL('./sql/', import.meta.url);

/** 7,235,688: an arbitrary number, the same in every process, so that two that start at once migrate once. */
const MIGRATION_LOCK = 7_235_688;

/** A file of `publisher/shops/store/sql/`. */
export type SqlFile = { name: string; text: string };

type Migration = SqlFile & { hash: string };
type Applied = Omit<Migration, 'text'>;

/**
 * Brings the schema up to date: numbered SQL files, each applied once, in order, in one transaction. They are read from
 * their folder, unless they are passed, as for a function without that folder. If there is nothing to do, a user that
 * may only read `migration` is enough. Throws if an applied file has changed since, if the database has files that this
 * release lacks, or if the user lacks a right.
 */
export async function migrate(pool: Pool, files?: readonly SqlFile[]): Promise<string[]> {
  const migrations = (files ?? (await readFiles())).map(toMigration);
  return transaction(pool, (database) => applyPending(database, migrations)).catch(explain);
}

/**
 * State of the schema, compared with this release: files not applied, applied files that it lacks, and files applied
 * with other text.
 */
export type SchemaState = { pending: string[]; unknown: string[]; changed: string[] };

/** Compares the applied files with this release's files, and changes nothing. */
export async function schemaState(database: Database): Promise<SchemaState> {
  const migrations = (await readFiles()).map(toMigration);
  const applied = (await isMigrated(database)) ? await listApplied(database) : [];
  const known = new Map(migrations.map(({ name, hash }) => [name, hash]));
  const names = new Set(applied.map(({ name }) => name));
  return {
    pending: migrations.map(({ name }) => name).filter((name) => !names.has(name)),
    unknown: [...names].filter((name) => !known.has(name)),
    changed: applied.filter(({ name, hash }) => known.has(name) && known.get(name) !== hash).map(({ name }) => name),
  };
}

/** PostgreSQL 15: the publication of the log relay names its columns, which older versions don't support. */
const OLDEST_SERVER = 150_000;

async function refuseOldServer(database: Database): Promise<void> {
  const { rows } = await database.query<{ version: number; name: string }>(
    `select current_setting('server_version_num')::int as version, current_setting('server_version') as name`,
  );
  if ((rows[0]?.version ?? 0) < OLDEST_SERVER)
    throw new Error(`The publisher needs PostgreSQL 15 or newer; this is ${rows[0]?.name}.`);
}

async function applyPending(database: Database, migrations: Migration[]): Promise<string[]> {
  await refuseOldServer(database);
  await database.query('set local statement_timeout = 0; set local lock_timeout = 0');
  await database.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
  const applied = await readApplied(database);
  checkApplied(applied, migrations);
  const pending = migrations.filter(({ name }) => !applied.some((row) => row.name === name));
  for (const migration of pending) await apply(database, migration);
  return pending.map(({ name }) => name);
}

/**
 * Creates the table only if it is missing: `create if not exists` needs the right to create even where the table
 * exists.
 */
async function readApplied(database: Database): Promise<Applied[]> {
  if (!(await isMigrated(database)))
    await database.query(
      'create table migration (name text primary key, hash text not null, at timestamptz not null default now())',
    );
  return listApplied(database);
}

async function isMigrated(database: Database): Promise<boolean> {
  const { rows } = await database.query<{ isThere: boolean }>(
    `select to_regclass('migration') is not null as "isThere"`,
  );
  return rows[0]?.isThere === true;
}

async function listApplied(database: Database): Promise<Applied[]> {
  const { rows } = await database.query<Applied>('select name, hash from migration order by name');
  return rows;
}

/** 42501: insufficient_privilege. */
function explain(error: Error & { code?: string }): never {
  if (error.code !== '42501') throw error;
  throw new Error(
    `The schema is not up to date, and this user may not change it (${error.message}). Run publisher/migrate.ts (migrate.mjs in an image) with DATABASE_ADMIN_URL, the user that owns it and may create in the database, or set that here.`,
    { cause: error },
  );
}

async function readFiles(): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })));
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

async function apply(database: Database, { name, text, hash }: Migration): Promise<void> {
  await database.query(text);
  await database.query('insert into migration (name, hash) values ($1, $2)', [name, hash]);
}
