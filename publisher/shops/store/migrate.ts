import { readdir, readFile } from 'node:fs/promises';
import type { Database, Pool } from '../../postgres/database.ts';
import {
  applyMigrations,
  type Migrations,
  migrationState,
  type SchemaState,
  type SqlFile,
} from '../../postgres/migrations.ts';

const folder = new URL('./sql/', import.meta.url);

/**
 * Brings the schema up to date with the numbered files of `publisher/shops/store/sql/`, as `applyMigrations` says. They
 * are read from their folder, unless they are passed, as for a function without that folder.
 */
export async function migrate(pool: Pool, files?: readonly SqlFile[]): Promise<string[]> {
  return applyMigrations(pool, migrationsOf(files ?? (await readFiles())));
}

/** Compares the applied files with this release's files, and changes nothing. */
export async function schemaState(database: Database): Promise<SchemaState> {
  return migrationState(database, migrationsOf(await readFiles()));
}

const migrationsOf = (files: readonly SqlFile[]): Migrations => ({
  files,
  table: 'migration',
  // 7,235,688: an arbitrary number.
  lock: 7_235_688,
  remedy:
    'Run publisher/migrate.ts (migrate.mjs in an image) with DATABASE_ADMIN_URL, the user that owns it and may create ' +
    'in the database, or set that here.',
});

async function readFiles(): Promise<SqlFile[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith('.sql')).sort();
  return Promise.all(names.map(async (name) => ({ name, text: await readFile(new URL(name, folder), 'utf8') })));
}
