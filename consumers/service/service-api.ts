import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import type { Freshness } from '../freshness.ts';
import type { Metrics } from '../metrics.ts';
import { tellFailures } from '../query/app.ts';
import { minVersion, type VersionWait } from '../query/min-version.ts';
import type { Observe } from '../runtime/queue/events.ts';
import type { Health, Readiness } from './readiness.ts';

/** A query API: anything that answers requests as `fetch` does, such as an app of Hono. */
export type QueryApi = {
  fetch: (request: Request, bindings?: object) => Response | Promise<Response>;
};

/** Sources of a consumer's health, readiness, freshness and metrics. */
export type ServiceDeps = {
  metrics: Metrics;
  observe: Observe;
  health: () => Health;
  ready: () => Promise<Readiness>;
  freshness: Freshness;
  versionWait: VersionWait;
};

/**
 * Makes the query API. Health, readiness, freshness and metrics are in front of it, and the wait for `Min-Version`.
 * Errors of an app of Hono become problem documents.
 */
export function serviceApi(queries: QueryApi, deps: ServiceDeps): Hono {
  const { metrics, observe, health, ready, freshness, versionWait } = deps;
  const app = new Hono();
  app.use(secureHeaders());
  app.get('/healthz', (c) => {
    const { isHealthy, reason } = health();
    return isHealthy
      ? c.json({ status: reason ? 'waiting' : 'ok', reason })
      : c.json({ status: 'failing', reason }, 503);
  });
  app.get('/readyz', async (c) => {
    const { isReady, reason } = await ready();
    return isReady ? c.json({ status: 'ready', reason }) : c.json({ status: 'not ready', reason }, 503);
  });
  app.get('/freshness', (c) => c.json(freshness.report()));
  app.get('/metrics', async (c) => c.text(await metrics.text()));
  if (isHono(queries)) tellFailures(queries, observe);
  tellFailures(app, observe);
  app.use(minVersion(versionWait));
  // Not mounted: that would make a new Request, which can't have the method TRACE, and would answer it with 500.
  return app.all('*', ({ req, env }) => queries.fetch(req.raw, env as object));
}

const isHono = (queries: QueryApi): queries is Hono => 'onError' in queries;
