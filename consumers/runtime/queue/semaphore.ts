/** A bounded number of places for messages in hand. A place is reserved before its message is received. */
export type Semaphore = {
  /** Reserves up to `most` places, waiting for at least one; 0 only if the signal aborts. */
  reserve: (most: number, signal: AbortSignal) => Promise<number>;
  free: (count: number) => void;
  /** Resolves when no place is taken. */
  empty: () => Promise<void>;
};

/** Makes `size` places, all free. */
export function createSemaphore(size: number): Semaphore {
  let taken = 0;
  const changed = new Set<() => void>();

  function change(): Promise<void> {
    return new Promise((resolve) => changed.add(resolve));
  }

  function announce(): void {
    for (const resolve of changed) resolve();
    changed.clear();
  }

  return {
    async reserve(most, signal) {
      signal.addEventListener('abort', announce);
      while (taken >= size && !signal.aborted) await change();
      signal.removeEventListener('abort', announce);
      const count = signal.aborted ? 0 : Math.min(most, size - taken);
      taken += count;
      return count;
    },
    free(count) {
      taken -= count;
      announce();
    },
    async empty() {
      while (taken > 0) await change();
    },
  };
}
