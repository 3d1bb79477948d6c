import type { Database } from './database.ts';
import { faultOf } from './faults.ts';

/** Runs a read that may be answered by a replica. */
export type Reads = <Result>(read: (database: Database) => Promise<Result>) => Promise<Result>;

/** Parts and settings that reading from a replica needs. */
export type ReadsDeps = {
  replica: Database;
  primary: Database;
  /** Milliseconds. */
  now: () => number;
  /** Called when the replica is away, at most once in five seconds. */
  onError: (error: Error) => void;
};

/** 5 s without reads from a replica that was away, so that not every read waits in vain. Then one read tries it. */
const AWAY = 5_000;

/**
 * Makes reads from the replica, and from the primary while the replica is away. An error that the replica itself
 * answers, such as a statement timeout, is the result: the primary would take as long.
 */
export function createReads({ replica, primary, now, onError }: ReadsDeps): Reads {
  let awayUntil: number | null = null;

  /** True while reads should skip the replica. Only one read at a time finds out whether it is back. */
  function isSpared(): boolean {
    if (awayUntil === null) return false;
    const left = awayUntil - now();
    // More time than that is left only if the clock was set back.
    if (left > 0 && left <= AWAY) return true;
    awayUntil = now() + AWAY;
    return false;
  }

  function noteAway(error: Error, wasAway: boolean): void {
    const isNews = wasAway || awayUntil === null;
    awayUntil = now() + AWAY;
    if (isNews) onError(new Error(`the read replica is away, the primary reads: ${error.message}`, { cause: error }));
  }

  return async (read) => {
    if (isSpared()) return read(primary);
    const wasAway = awayUntil !== null;
    try {
      const result = await read(replica);
      awayUntil = null;
      return result;
    } catch (cause) {
      const error = cause as Error & { code?: unknown };
      if (RECOVERY_CONFLICT.test(String(error.code))) return read(primary);
      if (faultOf(error) === 'statement' || error.code === STATEMENT_TIMEOUT) throw error;
      noteAway(error, wasAway);
      return read(primary);
    }
  };
}

/** A standby cancels a read that blocks its replay (40001, or 40P01 for a deadlock); the next read will succeed. */
const RECOVERY_CONFLICT = /^40\w{3}$/;
const STATEMENT_TIMEOUT = '57014';
