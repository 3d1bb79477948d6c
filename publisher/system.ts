import { setTimeout as timer } from 'node:timers/promises';

/** Time and randomness. No other file of the publisher asks the machine for either. */
export type Clock = {
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Returns a number from 0 to just below 1. */
  random: () => number;
};

/** Clock and randomness of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => timer(ms, undefined, { signal }).catch(() => undefined),
  random: Math.random,
};
