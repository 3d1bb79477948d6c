import { isLive, readProgress } from '../runtime/feed/progress.ts';
import type { ProgressStore } from '../runtime/views/progress-store.ts';

/** Health of a consumer. `reason` is empty while all is well. */
export type Health = { isHealthy: boolean; reason: string };

/** Readiness of a consumer: whether its views were filled once. `reason` is empty while all is well. */
export type Readiness = { isReady: boolean; reason: string };

/** Dependencies of readiness. `progress` is missing where the feed is not followed. */
export type ReadinessDeps = { health: () => Health; progress?: Pick<ProgressStore, 'read'> | undefined };

/**
 * Makes the question whether a consumer is ready. Its views were filled once: by this process, another worker, or an
 * earlier run. A consumer that is filled again serves its old views meanwhile, and stays ready.
 */
export function createReadiness({ health, progress }: ReadinessDeps): () => Promise<Readiness> {
  let wasLive = progress === undefined;

  return async () => {
    const { isHealthy, reason } = health();
    if (!isHealthy) return { isReady: false, reason };
    if (wasLive) return { isReady: true, reason };
    try {
      const known = readProgress((await progress?.read()) ?? null);
      wasLive = isLive(known);
      return { isReady: wasLive, reason: wasLive ? reason : filling(known?.refill?.resources ?? 0) };
    } catch (error) {
      return { isReady: false, reason: `the store can't be read: ${(error as Error).message}` };
    }
  };
}

const filling = (resources: number) => `the views are being filled: ${resources} resources were read from the source`;
