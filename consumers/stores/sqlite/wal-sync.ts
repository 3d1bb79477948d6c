import { close, closeSync, existsSync, fdatasync, fsyncSync, openSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';

/** Makes a file's content safe: `fdatasync`, or what a test puts in its place. */
export type SyncFile = (descriptor: number) => Promise<void>;

/** Makes what SQLite has committed to its write-ahead log safe on disk, without holding up anybody. */
export type WalSync = {
  /**
   * Resolves when everything committed before the call is on disk. Calls that come meanwhile share the next sync. Once one
   * has failed, all reject: what the disk lost nobody can say, and a later sync would not bring it back.
   */
  sync: () => Promise<void>;
  /** Resolves when no sync is under way or waiting; rejects once one has failed. */
  settled: () => Promise<void>;
  close: () => void;
};

/**
 * SQLite with `synchronous = normal` writes commits to the log and doesn't sync them; it does sync what recovery rests
 * on, the log's header and checkpoints (SQLite, "Write-Ahead Logging"). Syncing the log ourselves, in libuv's threads,
 * gives what `synchronous = full` gives, and the event loop goes on meanwhile.
 */
export function createWalSync(path: string, syncFile: SyncFile = promisify(fdatasync)): WalSync {
  const wal = `${path}-wal`;
  let file: { descriptor: number; inode: number } | null = null;
  let running: Promise<void> | null = null;
  let next: Promise<void> | null = null;
  let failure: Error | null = null;

  /** The last process that closes the database removes the log; the next commit begins another. */
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
      // A sync that has begun may have missed the latest commit: it takes another.
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

/** A new file is safe when its folder is. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32' || !existsSync(folder)) return;
  const descriptor = openSync(folder, 'r');
  fsyncSync(descriptor);
  closeSync(descriptor);
}

/** For a database in memory, where nothing is safe. */
export const noSync: WalSync = { sync: async () => {}, settled: async () => {}, close: () => {} };
