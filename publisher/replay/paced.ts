import type { Publish } from '../relay/ring.ts';
import type { Clock } from '../system.ts';

/** Publishes at most `rate` rings a second, whoever calls: each call waits for its turn, and a repeated one as well. */
export function paced(publish: Publish, rate: number, clock: Clock): Publish {
  let next = 0;
  return async (rings, signal) => {
    const turn = Math.max(next, clock.now());
    next = turn + (rings.length / rate) * 1_000;
    const wait = turn - clock.now();
    if (wait > 0) await clock.sleep(wait, signal);
    return publish(rings, signal);
  };
}
