import { type DatabaseAddress, openOwner, STANDBY } from '../../postgres/database.ts';
import { isDatabaseAway } from '../../postgres/faults.ts';
import type { Clock } from '../../system.ts';
import { isDoneWithin } from '../../within.ts';
import { migrate } from './migrate.ts';

/** Dependencies of preparing a database. */
export type PrepareDeps = {
  /** Address with the owner of the schema, or with a user who may read the applied migrations. */
  owner: DatabaseAddress;
  clock: Clock;
  /** Called after each failed try, with the reason why the database is not available. */
  onAway: (error: Error) => void;
};

/** 1 s for a session to end politely. */
const FAREWELL = 1_000;

/** 1 s to 5 s between two tries: the publisher is back within ten seconds, and the log stays readable. */
const PAUSE = { first: 1_000, most: 5_000 };

/**
 * Brings the schema up to date. It waits for a database that is away, until the signal aborts. Returns the applied
 * files, or null if stopped before. Throws faults that waiting can't mend: a standby, a schema of another release, a
 * user without the rights.
 */
export async function prepare(deps: PrepareDeps, signal: AbortSignal): Promise<string[] | null> {
  for (let pause = PAUSE.first; !signal.aborted; pause = Math.min(PAUSE.most, pause * 2)) {
    try {
      return await bringUpToDate(deps);
    } catch (error) {
      if (!isWorthWaiting(error as Error)) throw error;
      deps.onAway(new Error(`waiting for the database: ${(error as Error).message}`, { cause: error }));
    }
    await deps.clock.sleep(pause, signal);
  }
  return null;
}

/**
 * Migrates on its own connections, closed before anything else begins: the owner of the schema must answer no request.
 */
async function bringUpToDate({ owner: { connectionString, ca }, clock }: PrepareDeps): Promise<string[]> {
  const owner = openOwner(connectionString, ca);
  try {
    return await migrate(owner);
  } finally {
    await isDoneWithin(clock, FAREWELL, owner.end());
  }
}

/**
 * True for a fault that may pass. A standby at the first start is a mistake: waiting for its promotion could take for
 * ever.
 */
function isWorthWaiting(error: Error): boolean {
  return isDatabaseAway(error) && !error.message.includes(STANDBY);
}
