import type { Publish } from '../../relay/ring.ts';
import type { Clock } from '../../system.ts';

/**
 * Wraps a publish so that it sends at most `rate` rings per second, for all callers together. Each call waits for its
 * turn, and a repeated one as well.
 */
export function paced(publish: Publish, rate: number, clock: Clock): Publish {
  let next = 0;
  let last = 0;
  return async (rings, signal) => {
    const now = clock.now();
    // If the clock is set back, the turns move with it, so that no call waits for the repeated hour.
    next -= Math.max(0, last - now);
    last = now;
    const turn = Math.max(next, now);
    next = turn + (rings.length / rate) * 1_000;
    const wait = turn - now;
    if (wait > 0) await clock.sleep(wait, signal);
    return publish(rings, signal);
  };
}
