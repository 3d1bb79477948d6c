import type { Clock } from '../system.ts';

/** 25 ms between two reads of the log while requests wait. A read takes 0.2 ms, and serves all of them. */
const LOOK = 25;

/** Waits for changes of a log, for many requests at once. */
export type NewChanges = {
  /**
   * Resolves when the log has a change above the position, after `ms`, when a read fails, or when the signal aborts.
   */
  after: (position: number, ms: number, signal: AbortSignal) => Promise<void>;
};

type Waiting = { position: number; wake: () => void };

/** Makes the waiting for changes. `last` reads the highest position, and is called only while a request waits. */
export function createNewChanges(last: () => Promise<number>, clock: Clock): NewChanges {
  const waiting = new Set<Waiting>();
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    const never = new AbortController().signal;
    while (waiting.size > 0) {
      await clock.sleep(LOOK, never);
      // After a failed read each request is woken, reads the log itself, and gets the error.
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
