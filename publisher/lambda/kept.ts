/** Value that is made at the first invocation and kept for the next ones. */
export type Kept<Parts> = {
  /** What could not be made is made anew at the next call: a sandbox that began badly does not stay bad. */
  get: () => Promise<Parts>;
  /**
   * Makes it anew, since `refused` was refused: its secret may be another by now. False if that was tried a moment ago;
   * rejects if it can't be made, and keeps what there was: parts of that may work.
   */
  renew: (refused: Parts) => Promise<boolean>;
};

/** 30 s: while a database refuses everybody, its secret isn't read for each request. */
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
