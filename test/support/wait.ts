import { setTimeout as wait } from 'node:timers/promises';

/**
 * Looks again and again until something is so, or the test runs out of time. A millisecond between two looks leaves the
 * processor to the work that is waited for.
 */
export async function until<Value>(
  look: () => Value | Promise<Value>,
): Promise<Exclude<Value, false | null | undefined>> {
  for (;;) {
    const value = await look();
    if (value) return value as Exclude<Value, false | null | undefined>;
    await wait(1);
  }
}
