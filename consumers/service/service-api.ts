import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Metrics } from '../metrics.ts';
import { tellFailures } from '../query/app.ts';
import { type Freshness, minVersion } from '../query/min-version.ts';
import type { Observe } from '../runtime/queue/events.ts';

/** A query API: anything that answers requests as `fetch` does, such as an app of Hono. */
export type QueryApi = {
  fetch: (request: Request, bindings?: object) => Response | Promise<Response>;
};

/** Health of a consumer. `reason` is empty while all is well. */
export type Health = { isHealthy: boolean; reason: string };

/** Sources of a consumer's health and metrics. */
export type ServiceDeps = { metrics: Metrics; observe: Observe; health: () => Health; freshness: Freshness };

/**
 * Makes the query API, with health and metrics in front, and the wait for `Min-Version`. Errors of an app of Hono become
 * problem documents.
 */
export function serviceApi(queries: QueryApi, { metrics, observe, health, freshness }: ServiceDeps): Hono {
  const app = new Hono();
  app.use(secureHeaders());
  app.get('/healthz', (c) => {
    const { isHealthy, reason } = health();
    return isHealthy
      ? c.json({ status: reason ? 'waiting' : 'ok', reason })
      : c.json({ status: 'failing', reason }, 503);
  });
  app.get('/metrics', async (c) => c.text(await metrics.text()));
  if (isHono(queries)) tellFailures(queries, observe);
  tellFailures(app, observe);
  app.use(minVersion(freshness));
  // Not mounted: that would make a new Request, which can't have the method TRACE, and would answer it with 500.
  return app.all('*', ({ req, env }) => queries.fetch(req.raw, env as object));
}

const isHono = (queries: QueryApi): queries is Hono => 'onError' in queries;
