import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../localstack/start/postgres/postgres.ts';
import { openClient, openPool } from '../../publisher/postgres/database.ts';
import { migrate } from '../../publisher/shops/store/migrate.ts';
import { until } from './wait.ts';

/** A primary and a standby that streams from it: two real servers. */
export type PostgresPair = {
  primary: () => string;
  standby: () => string;
  /**
   * Stops the primary, as for an update of its machine, and promotes the standby; answers when it takes writes. Whatever was committed
   * is on it, since a primary that is stopped sends its log to the end.
   */
  promote: () => Promise<void>;
  /** Starts who was the primary, as a standby of who is now. */
  follow: () => Promise<void>;
  stop: () => Promise<void>;
};

const PASSWORD = 'for-tests';

/** Starts both, with the publisher's schema. */
export async function startPostgresPair(): Promise<PostgresPair> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-pair-'));
  chmodSync(folder, 0o711);
  const running = new Set<Postgres>();
  const start = async (name: string, settings: Record<string, string> = {}) => {
    const options = { folder: join(folder, name), password: PASSWORD, settings: { fsync: 'off', ...settings } };
    const server = await startPostgres(options);
    running.add(server);
    return server;
  };
  const end = async (server: Postgres) => {
    await server.stop();
    running.delete(server);
  };
  const following = (name: string, { url }: Postgres) => {
    const { port, username, hostname } = new URL(url);
    const way = `host=${hostname} port=${port} user=${username} password=${PASSWORD}`;
    return start(name, { primary_conninfo: way });
  };
  const stop = async () => {
    await Promise.allSettled([...running].map(end));
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    let [first, second] = ['first', 'second'] as [string, string];
    let primary = await start(first);
    const data = primary.data;
    await prepare(primary.url);
    await end(primary);
    copyAsStandby(data, join(folder, second));
    primary = await start(first);
    let standby = await following(second, primary);
    await untilStreaming(primary.url);
    return {
      primary: () => primary.url,
      standby: () => standby.url,
      async promote() {
        await end(primary);
        const client = await openClient(standby.url);
        await client.query('select pg_promote()');
        await client.end();
        primary = standby;
        [first, second] = [second, first];
      },
      async follow() {
        const was = [...running].find((each) => each !== primary)?.data ?? join(folder, second);
        markAsStandby(was);
        standby = await following(second, primary);
        await untilStreaming(primary.url);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepare(connectionString: string): Promise<void> {
  const pool = openPool({ connectionString });
  await migrate(pool).finally(() => pool.end());
}

/** cp keeps the owner, which cpSync does not: PostgreSQL refuses data of somebody else. */
function copyAsStandby(data: string, copy: string): void {
  execFileSync('cp', ['-a', data, copy]);
  markAsStandby(copy);
}

function markAsStandby(data: string): void {
  const signal = join(data, 'standby.signal');
  execFileSync('touch', [signal]);
  execFileSync('chown', ['--reference', join(data, 'PG_VERSION'), signal]);
}

async function untilStreaming(primary: string): Promise<void> {
  const client = await openClient(primary);
  const streaming = `select 1 from pg_stat_replication where state = 'streaming' and application_name = 'walreceiver'`;
  await until(async () => (await client.query(streaming)).rows.length > 0);
  await client.end();
}
