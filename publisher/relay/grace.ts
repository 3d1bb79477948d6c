import type { Clock } from '../system.ts';

/** 2 s: a call in flight had better be answered, because its rings go out again otherwise. */
const GRACE = 2_000;

/** A signal that aborts a while after another one did, or at `end`. */
export function withGrace(signal: AbortSignal, clock: Clock): { signal: AbortSignal; end: () => void } {
  const late = new AbortController();
  const end = () => late.abort();
  signal.addEventListener('abort', () => void clock.sleep(GRACE, late.signal).then(end), { once: true });
  return { signal: late.signal, end };
}
