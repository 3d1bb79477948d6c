import { randomBytes } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import { openPool, type Pool } from '../../publisher/postgres/database.ts';

/** An empty database with the schema. */
export type TestDatabase = {
  /** As the user that a publisher is in production: it may do what the code does, and no more. */
  url: string;
  pool: Pool;
  /** As the superuser who owns it. */
  adminUrl: string;
  admin: Pool;
};

/** One database a test file: making one takes 0.2 s, emptying it 0.01. */
let ofThisFile: Promise<Omit<TestDatabase, 'pool'>> | null = null;

/** An empty database, and a pool on it that is closed when the test is over. */
export async function freshDatabase(): Promise<TestDatabase> {
  ofThisFile ??= createDatabase();
  const database = await ofThisFile;
  const pool = openPool({ connectionString: database.url });
  onTestFinished(async () => {
    await pool.end();
    await empty(database.admin);
  });
  return { ...database, pool };
}

/** A database without a schema, for whoever brings it: with the URLs of its publisher's user and of its owner. */
export async function emptyDatabase(): Promise<Pick<TestDatabase, 'url' | 'adminUrl'>> {
  const name = `empty_${randomBytes(6).toString('hex')}`;
  const server = openPool({ connectionString: inject('postgresUrl'), max: 1 });
  await server.query(`create database ${name}`);
  onTestFinished(async () => {
    await server.query(`drop database ${name} with (force)`);
    await server.end();
  });
  const adminUrl = inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
  return { url: asAppUser(adminUrl), adminUrl };
}

async function createDatabase(): Promise<Omit<TestDatabase, 'pool'>> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  const server = openPool({ connectionString: inject('postgresUrl'), max: 1 });
  await server.query(`create database ${name} template shops_template`);
  await server.end();
  const adminUrl = inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
  return { url: asAppUser(adminUrl), adminUrl, admin: openPool({ connectionString: adminUrl, max: 1 }) };
}

/** The same database, as a publisher's own user. */
export function asAppUser(adminUrl: string): string {
  return adminUrl.replace(/\/\/[^@]+@/, `//${inject('postgresAppUser')}@`);
}

/** The event table refuses to forget; only a superuser who puts its trigger to sleep can make it. */
async function empty(admin: Pool): Promise<void> {
  await admin.query(`
    set session_replication_role = replica;
    truncate shop_events, shop_snapshot, shop, owner, idempotency_key, relay_checkpoint, parked_ring, replay
      restart identity;
    set session_replication_role = default`);
}
