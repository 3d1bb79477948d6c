import { execFile } from 'node:child_process';
import { chownSync, existsSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, parse } from 'node:path';
import { promisify } from 'node:util';
import { pg } from '../../../publisher/postgres/pg.ts';
import { fullUrl, programEnvironment } from '../embedded.ts';
import { findHome, makeOwned, type PostgresHome } from './home.ts';
import { clearStalePid, postmasterOf } from './postmaster.ts';

const execute = promisify(execFile);

/**
 * A running embedded PostgreSQL. `url` holds every setting of a client. `adopted` means that it still ran from
 * before.
 */
export type Postgres = {
  url: string;
  data: string;
  state: 'created' | 'started' | 'adopted';
  /** Tells whether its process exists. */
  isAlive: () => boolean;
  /** Starts it again on the same data and port, after its process ended. Throws an Error that says what to do. */
  startAgain: () => Promise<void>;
  /** Stops it, unless it ended by itself. Throws an Error that says what to do. */
  stop: () => Promise<void>;
};

/** Options of an embedded PostgreSQL. */
export type PostgresOptions = {
  /** The data folder. For root it may be another one, see findHome. */
  folder: string;
  password: string;
  /** More settings of the server. Tests use less durable ones for speed. */
  settings?: Record<string, string>;
};

const USER = 'doorbell';
/**
 * logical: the log relay reads the write-ahead log. 1 GB: a slot without a reader must not fill the disk. 200
 * connections: tests open many pools.
 */
const SETTINGS = {
  wal_level: 'logical',
  max_slot_wal_keep_size: '1GB',
  max_connections: '200',
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // Otherwise a cluster has the time zone and the date style of the shell that made it.
  timezone: 'UTC',
  datestyle: 'ISO, MDY',
  log_timezone: 'UTC',
};

/**
 * Starts a real PostgreSQL with binaries from npm. It runs outside our process group, so that Ctrl-C reaches only us.
 * A server that still runs after a killed process is used again. Throws an Error that says what to do.
 */
export async function startPostgres({ folder, password, settings = {} }: PostgresOptions): Promise<Postgres> {
  const home = await findHome(folder);
  const fresh = !existsSync(join(home.data, 'PG_VERSION'));
  if (fresh) await initialise(home, password);
  const left = fresh ? null : await adopt(home, password);
  const port = left ?? (await freePort());
  const start = () => launch(home, { ...SETTINGS, ...settings, port: String(port) });
  if (left === null) await start();
  return {
    url: urlOf(port, password),
    data: home.data,
    state: fresh ? 'created' : left === null ? 'started' : 'adopted',
    isAlive: () => postmasterOf(home.data) !== null,
    startAgain: start,
    stop: () => stop(home, 'fast'),
  };
}

function urlOf(port: number, password: string): string {
  return fullUrl(`postgres://${USER}:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres`);
}

/** Creates the cluster under another name first, so that an interrupted setup is not taken for a database. */
async function initialise(home: PostgresHome, password: string): Promise<void> {
  const making = { ...home, data: `${home.data}.new` };
  rmSync(making.data, { recursive: true, force: true });
  makeOwned(making.data, home.identity);
  const passwordFile = `${home.data}.password`;
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  const { uid, gid } = home.identity;
  if (uid !== undefined && gid !== undefined) chownSync(passwordFile, uid, gid);
  try {
    const access = ['--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`];
    // The builtin provider sorts the same everywhere, whatever locales a machine has.
    const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
    await program(making, 'initdb', ['-D', making.data, '--no-sync', ...access, ...locale]);
    renameSync(making.data, home.data);
  } catch (cause) {
    throw new Error(`PostgreSQL could not be set up in ${home.data}: ${outputOf(cause)}`, { cause });
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/** Returns the port of a server that still runs on this folder; null if there is none, or it does not answer. */
async function adopt(home: PostgresHome, password: string): Promise<number | null> {
  if (postmasterOf(home.data) === null) return null;
  const port = Number(readFileSync(join(home.data, 'postmaster.pid'), 'utf8').split('\n')[3]);
  if (await answers(urlOf(port, password))) return port;
  await stop(home, 'fast').catch(() => stop(home, 'immediate'));
  return null;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    // 28P01: it runs with another password, so it may not be ours and is not stopped.
    if ((error as { code?: string }).code !== '28P01') return false;
    throw new Error(
      'The embedded PostgreSQL does not accept the password in .doorbell/secrets.json. To begin with an empty system: npm start -- --fresh',
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function launch(home: PostgresHome, settings: Record<string, string>): Promise<void> {
  const options = Object.entries(settings).map(([key, value]) => `-c ${key}='${value}'`);
  const log = join(home.data, 'server.log');
  const before = sizeOf(log);
  clearStalePid(home.data);
  try {
    await program(home, 'pg_ctl', ['start', '-D', home.data, '-l', log, '-w', '-t', '60', '-o', options.join(' ')]);
  } catch (cause) {
    // A server that needs more than the 60 s would go on unnoticed.
    await stop(home, 'immediate').catch(() => undefined);
    throw new Error(`PostgreSQL did not start in ${home.data}: ${tailOf(log, before) || outputOf(cause)}`, { cause });
  }
}

async function stop(home: PostgresHome, mode: 'fast' | 'immediate'): Promise<void> {
  if (postmasterOf(home.data) === null) return;
  await program(home, 'pg_ctl', ['stop', '-D', home.data, '-m', mode, '-w', '-t', '20']).catch((cause) => {
    const pid = postmasterOf(home.data);
    if (pid === null) return;
    throw new Error(`PostgreSQL in ${home.data} does not stop. End its process ${pid}, then start again.`, { cause });
  });
}

/** Runs a program of PostgreSQL in the root folder, because its user may not be able to enter ours. */
async function program(home: PostgresHome, name: 'initdb' | 'pg_ctl', args: string[]): Promise<void> {
  await execute(home.bin(name), args, {
    ...home.identity,
    cwd: parse(tmpdir()).root,
    env: programEnvironment(process.env),
  });
}

function outputOf(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  return stderr.trim() || message;
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;

/** Returns the last lines of the log after a position; earlier lines belong to earlier runs. */
function tailOf(log: string, since: number): string {
  if (sizeOf(log) <= since) return '';
  return readFileSync(log).subarray(since).toString('utf8').trim().split('\n').slice(-3).join(' · ');
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
