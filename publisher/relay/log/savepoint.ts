/** Questions to the database that a savepoint needs answered. */
export type SavepointDeps = {
  /** Reads the highest position that is visible. */
  lastPosition: () => Promise<number>;
  /** Reads the transactions that may have drawn a position and not committed yet. */
  writers: () => Promise<Set<string>>;
  /** Reads the end of the log: every visible commit ends at or before it. */
  endOfLog: () => Promise<bigint>;
};

/**
 * Finds positions in the event table below which everything was rung. The relay itself follows the order of commits.
 */
export type Savepoint = {
  /** Takes the next step. Returns such a position when one was reached, and then looks for the next one. */
  look: (confirmed: bigint) => Promise<number | null>;
};

/**
 * Makes a savepoint, which asks three questions one after the other. Up to which position is anything visible? Are all
 * transactions over that were writing at that moment? Has the relay confirmed the log up to there? A transaction that
 * draws a lower position held the write lock at the first question.
 */
export function createSavepoint({ lastPosition, writers, endOfLog }: SavepointDeps): Savepoint {
  let saved = 0;
  let candidate: { position: number; open: Set<string>; end: bigint | null } | null = null;

  async function begin(): Promise<void> {
    const position = await lastPosition();
    // Writers are read after the position: a later writer draws a higher one.
    if (position > saved) candidate = { position, open: await writers(), end: null };
  }

  return {
    async look(confirmed) {
      if (candidate === null) await begin();
      if (candidate === null) return null;
      if (candidate.open.size > 0) candidate.open = candidate.open.intersection(await writers());
      if (candidate.open.size > 0) return null;
      candidate.end ??= await endOfLog();
      if (confirmed < candidate.end) return null;
      saved = candidate.position;
      candidate = null;
      return saved;
    },
  };
}
