import { createFreshness } from '../../consumers/freshness.ts';
import { createMetrics } from '../../consumers/metrics.ts';
import type { ServiceDeps } from '../../consumers/service/service-api.ts';

/** Parts around the query API of a consumer that is well. */
export function serviceDeps(name = 'small', clock = { now: Date.now }): ServiceDeps {
  const freshness = createFreshness(clock);
  const metrics = createMetrics(name, freshness);
  return {
    freshness,
    metrics,
    observe: metrics.observe,
    health: () => ({ isHealthy: true, reason: '' }),
    ready: async () => ({ isReady: true, reason: '' }),
    versionWait: { wait: async () => null },
  };
}
