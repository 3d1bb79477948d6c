import type { Clock } from '../system.ts';
import type { Observe } from './events.ts';

/** Notices when a consumer has stopped receiving without a word. */
export type Watchdog = {
  /** A receive has completed, with messages or without. */
  received: () => void;
  /** Milliseconds since the last completed receive, if that is too long; null otherwise. */
  silence: () => number | null;
  stop: () => void;
};

/** Dependencies of a watchdog. `limit` in milliseconds; a long poll alone takes 20,000. */
export type WatchdogDeps = { clock: Clock; observe: Observe; limit: number; isPaused: () => boolean };

/** Starts to watch; barks once per limit. */
export function startWatchdog({ clock, observe, limit, isPaused }: WatchdogDeps): Watchdog {
  let last = clock.now();
  let cancel = clock.after(limit, look);

  function look(): void {
    cancel = clock.after(limit, look);
    if (isPaused()) last = clock.now();
    const ms = silence();
    if (ms !== null) observe({ kind: 'not-receiving', ms });
  }

  function silence(): number | null {
    const ms = clock.now() - last;
    return ms >= limit ? ms : null;
  }

  return {
    received() {
      last = clock.now();
    },
    silence,
    stop: () => cancel(),
  };
}
