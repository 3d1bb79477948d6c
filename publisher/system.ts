import { randomBytes } from 'node:crypto';
import { setTimeout as timer } from 'node:timers/promises';
import { v7 as uuidv7 } from 'uuid';

/** Makes identifiers. It is passed to all code that needs one, so that tests can predict them. */
export type Ids = { shop: () => string; menuItem: () => string; event: () => string };

/** Makes random identifiers: 64 random bits for a shop or an item, UUIDv7 (RFC 9562) for an event. */
export const systemIds: Ids = {
  shop: () => `shop_${randomBytes(8).toString('hex')}`,
  menuItem: () => `item_${randomBytes(8).toString('hex')}`,
  event: () => uuidv7(),
};

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
