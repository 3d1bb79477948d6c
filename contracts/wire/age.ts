/**
 * 30 days in milliseconds: SQS keeps a message for 14 days, and a relay may have been away for as long before. An event
 * that seems older means that a clock is wrong.
 */
export const OLDEST_AGE = 30 * 24 * 60 * 60 * 1_000;

/**
 * Reason why an age is not plausible: the event lies in the future, or too long ago for a message that is still under
 * way.
 */
export type Implausible = 'negative' | 'too-old';

/**
 * Milliseconds from an event until now, by the clocks of two machines; a word where the age is not plausible. In a sum,
 * one clock that jumps would outweigh millions of rings. Pure.
 */
export function ageOf(occurredAt: number, now: number): number | Implausible {
  const age = now - occurredAt;
  if (age < 0) return 'negative';
  return age <= OLDEST_AGE ? age : 'too-old';
}
