import type { Clock } from './system.ts';

/** True if the work was done within `ms`; it waits no longer. Rejects as the work does. */
export async function isDoneWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const late = clock.sleep(Math.max(0, ms), timer.signal).then(() => false);
  return Promise.race([work.then(() => true), late]).finally(() => timer.abort());
}
