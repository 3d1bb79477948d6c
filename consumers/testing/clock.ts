import type { Clock } from '../runtime/system.ts';

/** A clock that stands still until it is told how far to go. */
export type VirtualClock = Clock & {
  /** Goes on by `ms`, running every timer on its way at its time. */
  advance: (ms: number) => Promise<void>;
};

type Timer = { at: number; run: () => void };

/** Makes a clock that stands still, in June 2025. `random` returns 0.5 unless another is given. */
export function virtualClock({ random = () => 0.5 }: { random?: () => number } = {}): VirtualClock {
  let now = 1_750_000_000_000;
  const timers = new Set<Timer>();

  function after(ms: number, run: () => void): () => void {
    const timer = { at: now + ms, run };
    timers.add(timer);
    return () => void timers.delete(timer);
  }

  function nextBy(end: number): Timer | undefined {
    return [...timers].filter(({ at }) => at <= end).toSorted((a, b) => a.at - b.at)[0];
  }

  return {
    now: () => now,
    random,
    after,
    sleep(ms, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const stop = () => resolve(cancel());
        const cancel = after(ms, () => {
          signal.removeEventListener('abort', stop);
          resolve();
        });
        signal.addEventListener('abort', stop, { once: true });
      });
    },
    async advance(ms) {
      const end = now + ms;
      await settled();
      for (let timer = nextBy(end); timer !== undefined; timer = nextBy(end)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settled();
      }
      now = end;
    },
  };
}

/** Lets every promise go on that can: without real I/O they all do within one turn of the event loop. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
