import type { Ring } from './ring.ts';

/**
 * The gap fence: ids are drawn before commit, so a later id can become visible first. A hole in the ids is
 * passed only when every transaction that might still fill it is over (docs/decisions/0003-gap-fence.md).
 */
export type Fence = {
  /** Returns the rings that may go out: those before the first hole that a transaction may still fill. */
  deliverable: (rings: readonly Ring[], position: number) => Ring[];
  /** Checks whether a hole below `upto` can still be filled. True if the table should be read again now. */
  look: (upto: number) => Promise<boolean>;
};

/**
 * Makes a fence. `writers` names the transactions that hold a write lock on the event table; it must run after the
 * rings were read.
 */
export function createFence(writers: () => Promise<Set<string>>): Fence {
  /** Every id up to here is committed and visible, or rolled back for good. */
  let settled = 0;
  let gap: { upto: number; writers: Set<string> } | null = null;

  return {
    deliverable(rings, position) {
      const ready: Ring[] = [];
      let last = position;
      for (const ring of rings) {
        if (ring.position !== last + 1 && ring.position > settled) break;
        ready.push(ring);
        last = ring.position;
      }
      if (gap !== null && last >= gap.upto) gap = null;
      return ready;
    },
    async look(upto) {
      const now = await writers();
      // A transaction that draws an id below the hole holds the lock already, so later writers don't count.
      gap = gap === null ? { upto, writers: now } : { ...gap, writers: gap.writers.intersection(now) };
      if (gap.writers.size > 0) return false;
      settled = gap.upto;
      gap = null;
      return true;
    },
  };
}
