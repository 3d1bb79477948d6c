/** What a savepoint must know of the database. */
export type SavepointDeps = {
  /** The highest position that is visible. */
  lastPosition: () => Promise<number>;
  /** The transactions that may have drawn a position and not committed yet. */
  writers: () => Promise<Set<string>>;
  /** End of the log: every commit that is visible ends at or before it. */
  endOfLog: () => Promise<bigint>;
};

/** Finds positions in the event table below which everything was rung, for a relay that follows the order of commits. */
export type Savepoint = {
  /** Takes the next step. Answers with such a position when one was reached, and then looks for the next. */
  look: (confirmed: bigint) => Promise<number | null>;
};

/**
 * Three questions, one after the other: up to which position is anything visible; are all who wrote at that moment over;
 * did the relay confirm the log up to there. Whoever draws a lower position held the write lock at the first question.
 */
export function createSavepoint({ lastPosition, writers, endOfLog }: SavepointDeps): Savepoint {
  let saved = 0;
  let candidate: { position: number; open: Set<string>; end: bigint | null } | null = null;

  async function begin(): Promise<void> {
    const position = await lastPosition();
    // After the position was read: a writer that comes later draws a higher one.
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
