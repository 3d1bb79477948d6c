import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareDatabase } from '../../localstack/app-user.ts';
import { startPostgres } from '../../localstack/postgres.ts';
import { openPool } from '../../publisher/store/database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL as its superuser; its database `shops_template` has the schema. */
    postgresUrl: string;
    /** The user and the password of a publisher there: `doorbell_api:…`. */
    postgresAppUser: string;
  }
}

/** Starts one real PostgreSQL for all test files. Nothing it keeps must outlive the tests, so it never syncs. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-test-'));
  chmodSync(folder, 0o711);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const password = randomBytes(16).toString('hex');
  const postgres = await startPostgres({ folder: join(folder, 'pg'), password, settings });
  project.provide('postgresUrl', postgres.url);
  project.provide('postgresAppUser', await makeTemplate(postgres.url));
  return async () => {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}

async function makeTemplate(url: string): Promise<string> {
  const admin = openPool({ connectionString: url });
  await admin.query('create database shops_template');
  await admin.end();
  const template = url.replace(/\/postgres$/, '/shops_template');
  const user = { name: 'doorbell_api', password: randomBytes(16).toString('hex') };
  await prepareDatabase(template, user);
  return `${user.name}:${user.password}`;
}
