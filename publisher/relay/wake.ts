import type { Clock } from '../system.ts';

/** Tells the relay that events were committed. Calls that come before it checks count as one. */
export type Wake = {
  wake: () => void;
  /** Resolves at the next wake-up, at once if one came since the last wait, or after `ms`. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
};

/** Makes a wake without a wake-up pending. */
export function createWake(clock: Clock): Wake {
  let woken = false;
  let waiting: AbortController | null = null;
  return {
    wake() {
      woken = true;
      waiting?.abort();
    },
    async wait(ms, signal) {
      if (!woken && !signal.aborted) {
        const pause = new AbortController();
        const stop = () => pause.abort();
        waiting = pause;
        signal.addEventListener('abort', stop);
        await clock.sleep(ms, pause.signal);
        signal.removeEventListener('abort', stop);
        waiting = null;
      }
      woken = false;
    },
  };
}
