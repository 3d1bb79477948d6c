import { setTimeout as timer } from 'node:timers/promises';

/** A time limit for one piece of work. `dispose` frees its timer. */
export type Deadline = { signal: AbortSignal; dispose: () => void };

/** Time and randomness. No other file of the consumers asks the machine for either. */
export type Clock = {
  /** Milliseconds since the epoch. For measuring, never for ordering. */
  now: () => number;
  /** Resolves after `ms`, or at once when the signal aborts; never rejects. */
  sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Calls `callback` once after `ms`, unless the returned function is called before. */
  after: (ms: number, callback: () => void) => () => void;
  /** Returns a number from 0 to just below 1. */
  random: () => number;
};

/** Clock and randomness of the machine. */
export const systemClock: Clock = {
  now: Date.now,
  sleep: (ms, signal) => timer(ms, undefined, { signal }).catch(() => undefined),
  after(ms, callback) {
    const timeout = setTimeout(callback, ms);
    return () => clearTimeout(timeout);
  },
  random: Math.random,
};

/** Makes a signal that aborts with `outer` or after `ms`. Unlike AbortSignal.timeout it can be cancelled. */
export function deadline(clock: Clock, ms: number, outer: AbortSignal): Deadline {
  const controller = new AbortController();
  const stop = () => controller.abort(outer.reason);
  const cancel = clock.after(ms, () => controller.abort(new Error(`not done within ${ms} ms`)));
  if (outer.aborted) stop();
  outer.addEventListener('abort', stop, { once: true });
  return {
    signal: controller.signal,
    dispose() {
      cancel();
      outer.removeEventListener('abort', stop);
    },
  };
}

/** True if the work was done within `ms`; it waits no longer. */
export async function isDoneWithin(clock: Clock, ms: number, work: Promise<unknown>): Promise<boolean> {
  const timer = new AbortController();
  const isDone = await Promise.race([work.then(() => true), clock.sleep(ms, timer.signal).then(() => false)]);
  timer.abort();
  return isDone;
}

/**
 * Waiting time with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"): 0 to `first * 2^failures`,
 * at most `most`.
 */
export function jitter(clock: Clock, failures: number, first: number, most: number): number {
  return clock.random() * Math.min(most, first * 2 ** failures);
}
