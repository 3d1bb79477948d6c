import { setTimeout as wait } from 'node:timers/promises';

/** 5 s: whoever has rung everything needs no more to note the last of it. */
const PATIENCE = 5_000;

/** Asks until nothing waits to be rung any more; answers with how many events still do when patience is at its end. */
export async function untilNoneWaits(countWaiting: () => Promise<number>): Promise<number> {
  const end = performance.now() + PATIENCE;
  let waiting = await countWaiting();
  while (waiting > 0 && performance.now() < end) {
    await wait(50);
    waiting = await countWaiting();
  }
  return waiting;
}
