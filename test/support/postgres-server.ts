import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Postgres, startPostgres } from '../../localstack/start/postgres/postgres.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { migrate } from '../../publisher/shops/store/migrate.ts';
import { bareUrl } from './postgres-setup.ts';

/** A PostgreSQL server that a test has for itself: it may be restarted, copied and misconfigured. */
export type OwnServer = {
  url: () => string;
  /** The folder of its data. */
  data: () => string;
  /** Stops it and starts it on the same data, with other settings if given. */
  restart: (settings?: Record<string, string>) => Promise<void>;
  /** The URL of a server on a copy of its data that stays in recovery, as a standby does. Restarts the original. */
  standby: () => Promise<string>;
  stop: () => Promise<void>;
};

const PASSWORD = 'for-tests';

/** Starts a server with the publisher's schema. */
export async function startOwnServer(settings: Record<string, string> = {}): Promise<OwnServer> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-server-'));
  chmodSync(folder, 0o711);
  const start = (more: Record<string, string>, name = 'pg') =>
    startPostgres({ folder: join(folder, name), password: PASSWORD, settings: { fsync: 'off', ...settings, ...more } });
  let server = await start({});
  const pool = openPool({ connectionString: server.url });
  try {
    await migrate(pool).finally(() => pool.end());
  } catch (error) {
    await server.stop();
    throw error;
  }
  let standby: Postgres | null = null;
  return {
    url: () => bareUrl(server.url),
    data: () => server.data,
    async restart(more = {}) {
      await server.stop();
      server = await start(more);
    },
    async standby() {
      await standby?.stop();
      await server.stop();
      const copy = join(folder, 'standby');
      rmSync(copy, { recursive: true, force: true });
      // cp keeps the owner, which cpSync does not: PostgreSQL refuses data of somebody else.
      execFileSync('cp', ['-a', server.data, copy]);
      execFileSync('touch', [join(copy, 'standby.signal')]);
      execFileSync('chown', ['--reference', join(copy, 'PG_VERSION'), join(copy, 'standby.signal')]);
      server = await start({});
      standby = await start({}, 'standby');
      return bareUrl(standby.url);
    },
    async stop() {
      for (const each of [server, standby]) await each?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
