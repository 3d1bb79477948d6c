import type { Database } from './database.ts';
import { faultOf } from './faults.ts';

/** Runs a read that may be answered by a replica. */
export type Reads = <Result>(read: (database: Database) => Promise<Result>) => Promise<Result>;

/** Dependencies of reading from a replica. */
export type ReadsDeps = {
  replica: Database;
  primary: Database;
  /** Milliseconds. */
  now: () => number;
  /** Hears that the replica is away, at most once in five seconds. */
  onError: (error: Error) => void;
};

/** 5 s without a replica that was away, so that not every read waits for it in vain; then one read tries it. */
const AWAY = 5_000;

/**
 * Reads from the replica, and from the primary while the replica is away. What the replica itself answers, a timeout
 * of a statement included, is the answer: the primary would take as long.
 */
export function createReads({ replica, primary, now, onError }: ReadsDeps): Reads {
  let awayUntil: number | null = null;

  /** Only one read at a time finds out whether a replica is back. */
  function isSpared(): boolean {
    if (awayUntil === null) return false;
    const left = awayUntil - now();
    // More than that is left only where the clock was set back.
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

/** A standby cancels a read that is in the way of what it must replay (40001, or 40P01 for a deadlock); the next one will pass. */
const RECOVERY_CONFLICT = /^40\w{3}$/;
const STATEMENT_TIMEOUT = '57014';
