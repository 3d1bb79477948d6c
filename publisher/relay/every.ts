/** True at most once in so many milliseconds; not at first. */
export function every(ms: number, now: () => number): () => boolean {
  let last = now();
  return () => {
    // A clock that was set back begins anew.
    if (Math.abs(now() - last) < ms) return false;
    last = now();
    return true;
  };
}
