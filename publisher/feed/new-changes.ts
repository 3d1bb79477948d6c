import type { Clock } from '../system.ts';

/** 25 ms between two looks at the log while somebody waits: a look takes 0.2 ms, however many wait. */
const LOOK = 25;

/** Waits for changes of a log on behalf of many. */
export type NewChanges = {
  /** Resolves when the log has a change above the position, after `ms`, when a look fails, or when the signal aborts. */
  after: (position: number, ms: number, signal: AbortSignal) => Promise<void>;
};

type Waiting = { position: number; wake: () => void };

/** Makes the wait. `last` reads the highest position. It is read only while somebody waits. */
export function createNewChanges(last: () => Promise<number>, clock: Clock): NewChanges {
  const waiting = new Set<Waiting>();
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    const never = new AbortController().signal;
    while (waiting.size > 0) {
      await clock.sleep(LOOK, never);
      // Whoever waits reads the log itself then, and hears of the fault.
      const newest = await last().catch(() => Number.POSITIVE_INFINITY);
      for (const each of waiting) if (newest > each.position) each.wake();
    }
    isLooking = false;
  }

  return {
    async after(position, ms, signal) {
      if (signal.aborted || ms <= 0) return;
      const over = new AbortController();
      const changed = Promise.withResolvers<void>();
      const each = { position, wake: changed.resolve };
      waiting.add(each);
      void look();
      await Promise.race([changed.promise, clock.sleep(ms, AbortSignal.any([signal, over.signal]))]);
      waiting.delete(each);
      over.abort();
    },
  };
}
