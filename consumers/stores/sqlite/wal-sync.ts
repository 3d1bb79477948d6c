import { close, closeSync, existsSync, fdatasync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Syncs a file's content to disk: `fdatasync`, or a test's replacement. */
export type SyncFile = (descriptor: number) => Promise<void>;

/** Syncs SQLite's write-ahead log to disk without blocking the event loop. */
export type WalSync = {
  /**
   * Resolves when everything committed before the call is on disk. Calls that come meanwhile share the next sync. Once
   * a sync has failed, all calls reject: it is unknown which data the disk lost, and a later sync would not bring it
   * back.
   */
  sync: () => Promise<void>;
  /** Resolves when no sync is under way or waiting; rejects once one has failed. */
  settled: () => Promise<void>;
  close: () => void;
};

/**
 * Makes a sync for SQLite's log. With `synchronous = normal` SQLite writes commits to the log without a sync. It does
 * sync the parts that recovery needs, the log's header and checkpoints (SQLite, "Write-Ahead Logging"). Syncing the log
 * here, in libuv's threads, gives the safety of `synchronous = full`, and the event loop goes on meanwhile.
 */
export function createWalSync(path: string, syncFile: SyncFile = promisify(fdatasync)): WalSync {
  const wal = `${path}-wal`;
  let file: { descriptor: number; inode: number } | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let failure: Error | null = null;

  /** Opens the log. The last process that closes the database removes it; the next commit creates another. */
  function descriptor(): number {
    const { ino: inode } = statSync(wal);
    if (file?.inode === inode) return file.descriptor;
    if (file !== null) close(file.descriptor, () => {});
    file = { descriptor: openSync(wal, 'r+'), inode };
    syncFolder(dirname(path));
    return file.descriptor;
  }

  function begin(): Promise<void> {
    if (failure !== null) return Promise.reject(failure);
    running = syncOnce().finally(() => {
      running = null;
    });
    return running;
  }

  async function syncOnce(): Promise<void> {
    try {
      await syncFile(descriptor());
    } catch (error) {
      failure = error as Error;
      throw error;
    }
  }

  return {
    sync() {
      if (running === null) return begin();
      // A sync that has begun may have missed the latest commit, which takes another sync.
      next ??= running
        .catch(() => undefined)
        .then(() => {
          next = null;
          return begin();
        });
      return next;
    },
    async settled() {
      if (failure !== null) throw failure;
      await (next ?? running);
    },
    close() {
      if (file !== null) closeSync(file.descriptor);
      file = null;
    },
  };
}

/** Syncs a folder: a new file is safe only when its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32' || !existsSync(folder)) return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** Sync of a database in memory, where nothing is safe on disk. */
export const noSync: WalSync = { sync: async () => {}, settled: async () => {}, close: () => {} };
