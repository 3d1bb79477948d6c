import { setImmediate as turn } from 'node:timers/promises';

/** Looks again and again until something is so, or the test runs out of time. No sleeping: real work goes on between two looks. */
export async function until<Value>(
  look: () => Value | Promise<Value>,
): Promise<Exclude<Value, false | null | undefined>> {
  for (;;) {
    const value = await look();
    if (value) return value as Exclude<Value, false | null | undefined>;
    await turn();
  }
}
