import type { Service, Shared } from './part.ts';

/** Starts each service once, and stops all that were started, the last first. */
export function createShared(): { shared: Shared; stop: () => Promise<void> } {
  const started = new Map<() => Promise<Service>, Promise<Service>>();
  const shared: Shared = (start) => {
    const running = started.get(start) ?? start();
    started.set(start, running);
    return running as ReturnType<typeof start>;
  };
  const stop = async () => {
    for (const running of [...started.values()].reverse()) {
      const service = await running.catch(() => null);
      await service?.stop();
    }
    started.clear();
  };
  return { shared, stop };
}
