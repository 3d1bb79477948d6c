import type { Clock } from '../../consumers/runtime/system.ts';
import { virtualClock } from '../../consumers/testing/clock.ts';

/** A clock on which whoever sleeps wakes at once, that much later; `slept` says how long each time, in milliseconds. */
export function hurriedClock(): Clock & { slept: number[] } {
  const clock = virtualClock();
  const slept: number[] = [];
  const sleep = async (ms: number) => {
    slept.push(ms);
    await clock.advance(ms);
  };
  return { ...clock, slept, sleep };
}
