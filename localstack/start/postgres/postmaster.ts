import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Returns the process id of the PostgreSQL on a data folder; null if none runs. After a killed server, the pid file
 * names a process that ended, or another program that has the same number now, which must not be stopped.
 */
export function postmasterOf(data: string): number | null {
  const pid = pidIn(data);
  return pid !== null && isThere(pid) && isPostgres(pid, data) ? pid : null;
}

/**
 * A number that no process has: Linux counts to 4,194,304 at most. PostgreSQL refuses to start while the file names a
 * running process. The rest of the file stays, because PostgreSQL finds its own ending servers by it.
 */
const NEVER = 2_147_483_647;

/** Replaces the number in the pid file of a killed server if it now belongs to another program. */
export function clearStalePid(data: string): void {
  const pid = pidIn(data);
  if (pid === null || !isThere(pid) || isPostgres(pid, data)) return;
  writeFileSync(fileOf(data), readFileSync(fileOf(data), 'utf8').replace(/^\d+/, String(NEVER)));
}

const fileOf = (data: string) => join(data, 'postmaster.pid');

function pidIn(data: string): number | null {
  if (!existsSync(fileOf(data))) return null;
  const pid = Number.parseInt(readFileSync(fileOf(data), 'utf8'), 10);
  return pid > 0 ? pid : null;
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: the process exists and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Tells whether a process is a PostgreSQL on this folder; true if the operating system does not tell. */
function isPostgres(pid: number, data: string): boolean {
  if (existsSync('/proc/self/stat')) return isPostgresInProc(pid, data);
  try {
    const told = execFileSync('ps', ['-o', 'stat=,comm=', '-p', String(pid)], { encoding: 'utf8', stdio: 'pipe' });
    return !told.startsWith('Z') && /\bpostgres\s*$/.test(told);
  } catch {
    return true;
  }
}

function isPostgresInProc(pid: number, data: string): boolean {
  const told = tryTo(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  // `7141 (postgres) S 1 …`. A killed process stays as a zombie if no parent waits for it, as in a container without an
  // init.
  if (told === null || !/^\d+ \(postgres\) [^ZX]/.test(told)) return false;
  const folder = tryTo(() => readlinkSync(`/proc/${pid}/cwd`));
  return folder === null || folder === realpathSync(data);
}

function tryTo<Result>(work: () => Result): Result | null {
  try {
    return work();
  } catch {
    return null;
  }
}
