import type { Clock } from '../system.ts';
import { type EventLog, PRUNED_AT_ONCE } from './event-log.ts';
import { every } from './every.ts';
import type { RelayEvent } from './relay.ts';

/** Dependencies of removing old changes. */
export type PruningDeps = { log: Pick<EventLog, 'prune'>; clock: Clock; observe: (event: RelayEvent) => void };

/** 60 s between two rounds: a round finds what has become old in a minute. */
const EVERY = 60_000;
/** 1 s: no call begins later in a round, because rings wait for it. */
const ROUND = 1_000;

/**
 * Makes a function for the leader to call between two steps. Once a minute it removes old changes until none is left,
 * for a second at most. A failure is reported and stops nothing: the next round tries again.
 */
export function createPruning({ log, clock, observe }: PruningDeps): (signal: AbortSignal) => Promise<void> {
  const isTime = every(EVERY, clock.now);

  async function round(prune: () => Promise<number>, signal: AbortSignal): Promise<void> {
    const isOver = every(ROUND, clock.now);
    let changes = 0;
    try {
      for (let isMore = true; isMore && !signal.aborted; ) {
        const pruned = await prune();
        changes += pruned;
        isMore = pruned >= PRUNED_AT_ONCE && !isOver();
      }
    } catch (error) {
      observe({ kind: 'prune-failed', reason: error instanceof Error ? error.message : String(error) });
    }
    if (changes > 0) observe({ kind: 'pruned', changes });
  }

  return async (signal) => {
    if (log.prune !== undefined && isTime()) await round(log.prune, signal);
  };
}
