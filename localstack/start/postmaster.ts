import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, readlinkSync, realpathSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * The process of the PostgreSQL that runs on a data folder; null if none does. A file that a killed server left behind names a
 * process that ended, or by now somebody else's (after a restart of the machine, a browser for one), which is not ours to stop.
 */
export function postmasterOf(data: string): number | null {
  const pid = pidIn(data);
  return pid !== null && isThere(pid) && isPostgres(pid, data) ? pid : null;
}

/**
 * A number that no process has: systems count to 4,194,304 (Linux) at most. PostgreSQL refuses to start while the file names a
 * process that is there; the rest of the file stays, by which it finds servers of its own that still end.
 */
const NEVER = 2_147_483_647;

/** Makes the file that a killed server left behind name none, where the process that it names is another's. */
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
    // EPERM: it is there, and another user's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Whether it is a PostgreSQL on this folder, as far as the system tells; true where it tells nothing. */
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
  // `7141 (postgres) S 1 …`. One that was killed stays as a zombie where nobody takes note of its end, as in a container
  // without an init.
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
