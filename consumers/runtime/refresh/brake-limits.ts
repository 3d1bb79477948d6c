import type { ClosingLimits } from './closings.ts';

/** Limits of the brake. Times in milliseconds. */
export type BrakeLimits = ClosingLimits & {
  /** Closings that are always too many, even if there are far more views. */
  most: number;
  /** Time after `resume` for which it does not hold again. It is prolonged while a mass of views is being closed. */
  grace: number;
  /** Time between two questions to the store: while the consumer holds, and while it does not. */
  held: number;
  idle: number;
};

/**
 * Half of all views (5,000, if there are more than ten thousand), and at least 100, within 10 minutes: a clean-up that
 * removes some hundred of them is no fault. An hour of grace: messages that were given back come again within some
 * minutes. 5 s, so that an operator who resumes sees the consumer go on.
 */
export const BRAKE_LIMITS: BrakeLimits = {
  share: 0.5,
  least: 100,
  most: 5_000,
  window: 600_000,
  grace: 3_600_000,
  held: 5_000,
  idle: 30_000,
};
