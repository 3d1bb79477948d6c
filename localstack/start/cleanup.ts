/** What must be stopped in the end, in the reverse order of its start. */
export type Cleanup = { defer: (stop: () => unknown) => void; run: () => Promise<void> };

/** Each is stopped even if another can't be; the first failure is thrown in the end. */
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
