import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { prepareDatabase } from '../../localstack/start/postgres/app-user.ts';
import { startPostgres } from '../../localstack/start/postgres/postgres.ts';
import { postmasterOf } from '../../localstack/start/postgres/postmaster.ts';
import { openPool } from '../../publisher/postgres/database.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A real PostgreSQL as its superuser; its database `shops_template` has the schema. */
    postgresUrl: string;
    /** The user and the password of a publisher there: `doorbell_api:…`. */
    postgresAppUser: string;
  }
}

/** Starts one real PostgreSQL for all test files. Nothing it keeps must outlive the tests, so it never syncs. */
export async function setup(project: Pick<TestProject, 'provide'>): Promise<() => Promise<void>> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-test-'));
  chmodSync(folder, 0o711);
  const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };
  const password = randomBytes(16).toString('hex');
  const data = join(folder, 'pg');
  const abandon = whenInterrupted(() => abandonPostgres(data, folder));
  try {
    const postgres = await startPostgres({ folder: data, password, settings });
    const tearDown = async () => {
      abandon.forget();
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    };
    await provideDatabases(project, bareUrl(postgres.url)).catch(async (error) => {
      await tearDown();
      throw error;
    });
    return tearDown;
  } catch (error) {
    abandon.forget();
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function provideDatabases(project: Pick<TestProject, 'provide'>, url: string): Promise<void> {
  project.provide('postgresUrl', url);
  project.provide('postgresAppUser', await makeTemplate(url));
}

/** Without what stands behind the path: tests put another database's name there, and theirs is a shell of its own. */
export const bareUrl = (url: string): string => url.replace(/\?.*$/, '');

function abandonPostgres(data: string, folder: string): void {
  const pid = postmasterOf(data);
  // SIGQUIT: PostgreSQL is outside of our process group, and ends at once; nothing that it keeps is worth a checkpoint.
  if (pid !== null) process.kill(pid, 'SIGQUIT');
  removeAtLast(folder);
}

/** Removes what a program writes into until it has ended. 100 tries: it ends within a few milliseconds. */
function removeAtLast(folder: string): void {
  for (let tries = 0; tries < 100 && existsSync(folder); tries++)
    try {
      rmSync(folder, { recursive: true, force: true });
    } catch {
      // It wrote a file meanwhile.
    }
}

/** Does something if the run is interrupted: vitest ends then without any teardown. */
function whenInterrupted(work: () => void): { forget: () => void } {
  const exits = { SIGINT: 130, SIGTERM: 143 };
  const end = (signal: string) => process.exit(exits[signal as keyof typeof exits]);
  for (const signal of Object.keys(exits)) process.once(signal, end);
  process.once('exit', work);
  return {
    forget() {
      for (const signal of Object.keys(exits)) process.off(signal, end);
      process.off('exit', work);
    },
  };
}

async function makeTemplate(url: string): Promise<string> {
  const admin = openPool({ connectionString: url });
  await admin.query('create database shops_template').finally(() => admin.end());
  const template = url.replace(/\/postgres$/, '/shops_template');
  const user = { name: 'doorbell_api', password: randomBytes(16).toString('hex') };
  await prepareDatabase(template, user);
  return `${user.name}:${user.password}`;
}
