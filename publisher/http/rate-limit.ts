/** Returns true if one more request under a key may pass now. */
export type RateLimit = (key: string) => boolean;

/** Tokens left in a bucket at an instant. */
type Bucket = { left: number; at: number };

/**
 * Makes a token bucket per key that holds one second's worth. A caller that was quiet may send `perSecond` requests at
 * once, and then as many each second. `now` is in milliseconds. Buckets are never removed, so keys must be few: use
 * known tokens, not values that callers send.
 */
export function createRateLimit(perSecond: number, now: () => number): RateLimit {
  const buckets = new Map<string, Bucket>();
  return (key) => {
    const at = now();
    const bucket = buckets.get(key) ?? { left: perSecond, at };
    // A clock that was set back refills nothing; counting goes on from there.
    const refill = (Math.max(0, at - bucket.at) / 1_000) * perSecond;
    const left = Math.min(perSecond, bucket.left + refill);
    const mayPass = left >= 1;
    buckets.set(key, { left: mayPass ? left - 1 : left, at });
    return mayPass;
  };
}
