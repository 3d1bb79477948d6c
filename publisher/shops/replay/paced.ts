import type { Publish } from '../../relay/ring.ts';
import type { Clock } from '../../system.ts';

/** Publishes at most `rate` rings a second, whoever calls: each call waits for its turn, and a repeated one as well. */
export function paced(publish: Publish, rate: number, clock: Clock): Publish {
  let next = 0;
  let last = 0;
  return async (rings, signal) => {
    const now = clock.now();
    // A clock that is set back takes the turns with it; nobody waits for the hour that comes again.
    next -= Math.max(0, last - now);
    last = now;
    const turn = Math.max(next, now);
    next = turn + (rings.length / rate) * 1_000;
    const wait = turn - now;
    if (wait > 0) await clock.sleep(wait, signal);
    return publish(rings, signal);
  };
}
