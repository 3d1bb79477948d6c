/** Value that is made at the first invocation and kept for the next ones. */
export type Kept<Parts> = {
  /** Returns the value. If making it fails, the next call tries again: a sandbox that began badly does not stay bad. */
  get: () => Promise<Parts>;
  /**
   * Makes the value again, because a database refused `refused`: its secret may have changed. False if that was tried a
   * moment ago. Rejects if it can't be made, and keeps the old value, parts of which may still work.
   */
  renew: (refused: Parts) => Promise<boolean>;
};

/** 30 s: while a database refuses every login, its secret isn't read for each request. */
const RENEWED = 30_000;

/** Keeps what `make` makes. `now` is the time in milliseconds. */
export function kept<Parts>(make: () => Promise<Parts>, now: () => number): Kept<Parts> {
  let parts: Promise<Parts> | null = null;
  let renewedAt = Number.NEGATIVE_INFINITY;

  function get(): Promise<Parts> {
    parts ??= make().catch((error) => {
      parts = null;
      throw error;
    });
    return parts;
  }

  return {
    get,
    async renew(refused) {
      if (parts !== null && (await parts) !== refused) return true;
      if (Math.abs(now() - renewedAt) < RENEWED) return false;
      renewedAt = now();
      const before = parts;
      parts = null;
      await get().catch((error) => {
        parts ??= before;
        throw error;
      });
      return true;
    },
  };
}
