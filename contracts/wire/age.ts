/**
 * 30 days in milliseconds: SQS keeps a message for 14, and a relay may have been away for as long before. What seems older
 * is the fault of a clock.
 */
export const OLDEST_AGE = 30 * 24 * 60 * 60 * 1_000;

/** Why an age is none: what happened lies in the future, or further back than anything that is still on its way. */
export type Implausible = 'negative' | 'too-old';

/**
 * Milliseconds from an event until now, as clocks of two machines say; a word where that can't be. One clock that jumps
 * would outweigh millions of rings in a sum. Pure.
 */
export function ageOf(occurredAt: number, now: number): number | Implausible {
  const age = now - occurredAt;
  if (age < 0) return 'negative';
  return age <= OLDEST_AGE ? age : 'too-old';
}
