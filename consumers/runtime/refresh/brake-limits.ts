import type { ClosingLimits } from './closings.ts';

/** Limits of the brake. Times in milliseconds. */
export type BrakeLimits = ClosingLimits & {
  /** Time after `resume` for which it does not hold again. It is prolonged while a mass of views is being closed. */
  grace: number;
  /** Time between two questions to the store: while the consumer holds, and while it does not. */
  held: number;
  idle: number;
};

/**
 * Half of the views, and at least 100 of them, within 10 minutes: a chain that closes its 50 shops is no fault. An hour of
 * grace: messages that were given back come again within some minutes. 5 s, so that a person who resumes sees it go on.
 */
export const BRAKE_LIMITS: BrakeLimits = {
  share: 0.5,
  least: 100,
  window: 600_000,
  grace: 3_600_000,
  held: 5_000,
  idle: 30_000,
};
