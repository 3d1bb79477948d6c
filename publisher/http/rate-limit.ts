/** Tells whether one more request under a key may pass now. */
export type RateLimit = (key: string) => boolean;

/** Tokens left in a bucket, as it stood at an instant. */
type Bucket = { left: number; at: number };

/**
 * A token bucket per key that holds one second's worth: whoever was quiet may send so many at once, and so many a second
 * for ever. `now` is in milliseconds. A bucket is never forgotten, so keys must be few: tokens that are known, not what
 * somebody sends.
 */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { left: perSecond, at };
    // A clock that was set back refills nothing, and everything goes on from there.
    const refill = (Math.max(0, at - bucket.at) / 1_000) * perSecond;
    const left = Math.min(perSecond, bucket.left + refill);
    const mayPass = left >= 1;
    buckets.set(key, { left: mayPass ? left - 1 : left, at });
    return mayPass;
  };
}
