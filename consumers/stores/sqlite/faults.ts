import { type Clock, jitter } from '../../runtime/system.ts';

/** A view file can't be opened or read. The message says which file, why, and what to do. */
export class ViewFileUnusable extends Error {
  override name = 'ViewFileUnusable';
}

type SqliteError = Error & { errcode?: number };

/** Primary result codes (SQLite, "Result and Error Codes"). */
const CODE = { other: 1, busy: 5, readOnly: 8, io: 10, corrupt: 11, full: 13, cantOpen: 14, notADatabase: 26 };

const primaryCode = (error: unknown) => ((error as SqliteError).errcode ?? 0) & 0xff;

/** 5 s for a lock of another process, tried again every 10 to 100 ms; the event loop goes on meanwhile. */
const PATIENCE = { total: 5_000, tries: 500, first: 10, longest: 100 };

/** Runs work on a database whose lock another process may hold. Rejects when the lock is held for too long. */
export async function whileBusy<Result>(clock: Clock, work: () => Result): Promise<Result> {
  const end = clock.now() + PATIENCE.total;
  for (let tries = 1; ; tries++)
    try {
      return work();
    } catch (error) {
      if (primaryCode(error) !== CODE.busy || clock.now() >= end || tries >= PATIENCE.tries) throw error;
      await clock.sleep(PATIENCE.first + jitter(clock, tries, PATIENCE.first, PATIENCE.longest), NEVER);
    }
}

const NEVER = new AbortController().signal;

const REBUILT =
  'Move it away, with its -wal and -shm, start again, and ring for every resource: doorbell replay --consumer';

const REMEDIES: Record<number, string> = {
  [CODE.other]: 'It holds tables of another program. Name another file in DOORBELL_VIEWS.',
  [CODE.busy]: 'Another process uses it. Stop that process.',
  [CODE.readOnly]: 'This process may not write it. Make the user of this process the owner of its folder and file.',
  [CODE.io]: `Check whether the disk is full or broken. If the disk is fine, the file is damaged. ${REBUILT}`,
  [CODE.corrupt]: `It is damaged. ${REBUILT}`,
  [CODE.full]: 'The disk is full. Make room and start again: nothing is lost.',
  [CODE.cantOpen]: 'Does its folder exist, and may this process write there?',
  [CODE.notADatabase]: `It is no SQLite file, or its end is missing. ${REBUILT}`,
};

/** Runs the work of opening a view file. Throws ViewFileUnusable instead of SQLite's and the system's own errors. */
export function opening<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (cause) {
    const { message, code } = cause as NodeJS.ErrnoException;
    const remedy = REMEDIES[primaryCode(cause)] ?? (code === undefined ? undefined : SYSTEM[code]);
    // Errors of our own code, such as an index that can't be named, already say what to do.
    if (remedy === undefined) throw cause;
    throw new ViewFileUnusable(`The view file ${path} can't be opened: ${message}. ${remedy}`, { cause });
  }
}

const ROOM = 'The disk is full. Make room and start again: nothing is lost.';
const RIGHTS = 'Make the user of this process the owner of its folder, or name another file in DOORBELL_VIEWS.';

/** Remedies for errors of the operating system when a folder or file can't be made. */
const SYSTEM: Record<string, string> = {
  ENOSPC: ROOM,
  EDQUOT: ROOM,
  EACCES: RIGHTS,
  EPERM: RIGHTS,
  EROFS: RIGHTS,
  ENOENT: 'Its folder is not there. Is the volume mounted?',
  ELOOP: 'Its folder is a link that leads to itself.',
  ENAMETOOLONG: 'Its name is too long.',
  ENOTDIR: RIGHTS,
  EEXIST: RIGHTS,
  EISDIR: 'It is a folder. Name a file in DOORBELL_VIEWS.',
};
