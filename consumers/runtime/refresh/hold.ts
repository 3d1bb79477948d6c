import * as z from 'zod/mini';
import type { HoldStore } from '../views/hold-store.ts';
import { readKept } from '../views/kept.ts';

/**
 * Why a consumer holds, as it is kept in its store. Times in milliseconds since the epoch.
 * - `closings` of `looks`: views that would be closed, among the views that were looked at.
 * - `ids`: some of the views that were not closed.
 * - `closed`: views that were closed before it held, the newest hundred.
 * - `resumed`: when an operator let the consumer go on; missing while it holds.
 */
const Hold = z.object({
  since: z.number(),
  closings: z.int(),
  looks: z.int(),
  ids: z.array(z.string()),
  closed: z.array(z.string()),
  resumed: z.optional(z.number()),
});
export type Hold = z.output<typeof Hold>;

/** Thrown by a look while the consumer holds. It is no fault of source or store, and the brake has told of it. */
export class Held extends Error {
  override name = 'Held';
}

/** Reads the hold that was kept; null where nothing was, and where another release kept something else. */
export const readHold = (kept: string | null): Hold | null => readKept(Hold, kept);

/** Writes one sentence for people: what is held, and what to do. */
export function describeHold({ closings, looks, ids }: Hold, consumer: string): string {
  return (
    `${closings} of ${looks} views that were looked at would be closed, such as ${ids.slice(0, 3).join(', ')}: ` +
    `nothing is received until doorbell resume --consumer ${consumer}`
  );
}

/** Reads what the workers of a consumer hold; null if they hold nothing. */
export async function heldBy(holds: HoldStore): Promise<Hold | null> {
  const hold = readHold(await holds.read());
  return hold?.resumed === undefined ? hold : null;
}

/** Lets the workers of a consumer go on. */
export async function resume(holds: HoldStore, now: number): Promise<void> {
  const hold = await heldBy(holds);
  if (hold !== null) await holds.keep(JSON.stringify({ ...hold, resumed: now } satisfies Hold));
}
