/**
 * The gap fence. Positions are drawn before the commit, so a later position can become visible first. A hole in the
 * positions is passed only when every transaction that may still fill it is over (docs/decisions/0003-gap-fence.md).
 */
export type Fence = {
  /**
   * Returns the changes that may be shown: those before the first hole that a transaction may still fill. `upTo`: the
   * position that was settled before they were read, if it may be lower than now.
   */
  deliverable: <Change extends Placed>(changes: readonly Change[], position: number, upTo?: number) => Change[];
  /** The position up to which no hole can be filled any more, as far as it was asked. */
  settled: () => number;
  /** Checks whether a hole below `upto` can still be filled. True if the table should be read again now. */
  look: (upto: number) => Promise<boolean>;
};

/** A change of a log. */
type Placed = { position: number };

/**
 * Makes a fence. `writers` names the transactions that hold a write lock on the table of changes. It must run after the
 * changes were read.
 */
export function createFence(writers: () => Promise<Set<string>>): Fence {
  /** Every position up to here is committed and visible, or rolled back for good. */
  let settled = 0;
  let gap: { upto: number; writers: Set<string> } | null = null;

  return {
    settled: () => settled,
    deliverable(changes, position, upTo = settled) {
      let last = position;
      let ready = 0;
      for (const change of changes) {
        if (change.position !== last + 1 && change.position > upTo) break;
        last = change.position;
        ready++;
      }
      if (gap !== null && last >= gap.upto) gap = null;
      return changes.slice(0, ready);
    },
    async look(upto) {
      const now = await writers();
      // A transaction that has drawn a position up to here holds the lock already, so later writers don't count.
      gap = gap === null ? { upto, writers: now } : { ...gap, writers: gap.writers.intersection(now) };
      if (gap.writers.size > 0) return false;
      settled = gap.upto;
      gap = null;
      return true;
    },
  };
}
