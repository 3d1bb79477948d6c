/** Collects functions that stop parts, and runs them in reverse order. */
export type Cleanup = { defer: (stop: () => unknown) => void; run: () => Promise<void> };

/** Makes a cleanup. Every part is stopped, even if another fails; the first failure is thrown at the end. */
export function createCleanup(): Cleanup {
  const stops: (() => unknown)[] = [];
  return {
    defer: (stop) => void stops.push(stop),
    async run() {
      const failures: unknown[] = [];
      for (const stop of stops.splice(0).reverse())
        try {
          await stop();
        } catch (error) {
          failures.push(error);
        }
      if (failures.length > 0) throw failures[0];
    },
  };
}
