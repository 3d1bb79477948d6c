import { openOwner, type Place, STANDBY } from '../../postgres/database.ts';
import { isDatabaseAway } from '../../postgres/faults.ts';
import type { Clock } from '../../system.ts';
import { isDoneWithin } from '../../within.ts';
import { migrate } from './migrate.ts';

/** Dependencies of preparing a database. */
export type PrepareDeps = {
  /** As the owner of the schema, or as a user who may read what was applied. */
  owner: Place;
  clock: Clock;
  /** Hears why the database is not there yet, each time it was tried. */
  onAway: (error: Error) => void;
};

/** 1 s for a session to end politely. */
const FAREWELL = 1_000;

/** 1 s to 5 s between two tries: back within ten seconds, and a log that can be read. */
const PAUSE = { first: 1_000, most: 5_000 };

/**
 * Brings the schema up to date, as soon as there is a database: one that is away is waited for, until the signal aborts. Answers with
 * what was applied, or null if stopped before. Throws what no waiting mends: a standby, a schema of another release, a user who may not.
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

/** On connections of its own, closed before anything else begins: whoever owns the schema answers no request. */
async function bringUpToDate({ owner: { connectionString, ca }, clock }: PrepareDeps): Promise<string[]> {
  const owner = openOwner(connectionString, ca);
  try {
    return await migrate(owner);
  } finally {
    await isDoneWithin(clock, FAREWELL, owner.end());
  }
}

/** At the first start a standby is a mistake: whoever waited for its promotion would wait for ever. */
function isWorthWaiting(error: Error): boolean {
  return isDatabaseAway(error) && !error.message.includes(STANDBY);
}
