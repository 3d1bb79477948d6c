import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { type Database, type Pool, transaction } from './database.ts';

const folder = new URL('./sql/', import.meta.url);

/** 7,235,688: any number, but the same in every process, so that two starting at once migrate once. */
const MIGRATION_LOCK = 7_235_688;

type Migration = { name: string; text: string; hash: string };

/**
 * Brings the schema up to date: numbered SQL files, each applied once, in order, in one transaction.
 * Throws if a file that was applied has changed since, or if the database knows files this release doesn't.
 */
export async function migrate(pool: Pool): Promise<string[]> {
  const migrations = await readMigrations();
  return transaction(pool, async (database) => {
    await database.query('set local statement_timeout = 0; set local lock_timeout = 0');
    await database.query('select pg_advisory_xact_lock($1)', [MIGRATION_LOCK]);
    await database.query(
      'create table if not exists migration (name text primary key, hash text not null, at timestamptz not null default now())',
    );
    const { rows } = await database.query<{ name: string; hash: string }>(
      'select name, hash from migration order by name',
    );
    checkApplied(rows, migrations);
    const pending = migrations.filter(({ name }) => !rows.some((row) => row.name === name));
    for (const migration of pending) await apply(database, migration);
    return pending.map(({ name }) => name);
  });
}

async function readMigrations(): Promise<Migration[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(
    names.map(async (name) => {
      const text = await readFile(new URL(name, folder), 'utf8');
      return { name, text, hash: createHash('sha256').update(text).digest('hex') };
    }),
  );
}

function checkApplied(applied: { name: string; hash: string }[], known: Migration[]): void {
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
