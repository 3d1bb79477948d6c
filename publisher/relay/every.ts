/**
 * Makes a function that returns true at most once per interval, and not at first. `ms` is the interval in milliseconds.
 */
export function every(ms: number, now: () => number): () => boolean {
  let last = now();
  return () => {
    // A clock that was set back starts a new interval.
    if (Math.abs(now() - last) < ms) return false;
    last = now();
    return true;
  };
}
