import type { Clock } from '../system.ts';

/** 2 s for a call in flight to be answered: its rings go out again otherwise. */
const GRACE = 2_000;

/** Makes a signal that aborts a while after another signal aborted, or at `end`. */
export function withGrace(signal: AbortSignal, clock: Clock): { signal: AbortSignal; end: () => void } {
  const late = new AbortController();
  const end = () => late.abort();
  signal.addEventListener('abort', () => void clock.sleep(GRACE, late.signal).then(end), { once: true });
  return { signal: late.signal, end };
}
