import { Hono } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { createSqsQueue, type SqsQueueOptions } from './brokers/sqs/queue.ts';
import type { ConsumerConfig } from './config.ts';
import { type Listening, listen } from './listen.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import type { Part } from './part.ts';
import { tellFailures } from './query/app.ts';
import { guarded, type Observe } from './runtime/queue/events.ts';
import { createSourceClient } from './runtime/source/client.ts';
import { undiciHttp } from './runtime/source/undici-http.ts';
import { systemClock } from './runtime/system.ts';
import type { Indexes, ViewStore } from './runtime/views/view-store.ts';
import { startWorker, type Worker } from './runtime/worker.ts';
import { openSqliteViewStore } from './stores/sqlite/store.ts';
import { KEEP_ALIVE } from './variables.ts';

/** Parts that a consumer takes besides its configuration. */
export type ConsumerParts = {
  /** Settings for the embedded broker; the SDK's own configuration otherwise. */
  sqs?: SqsQueueOptions['client'];
  observe: Observe;
};

/** A running consumer. `stop` returns true if everything in hand was finished in time. */
export type RunningConsumer = { listening: Listening; stop: () => Promise<boolean> };

/** Puts a consumer together and starts it: worker and query API in one process. Throws PortTaken. */
export async function startConsumer<Resource, View>(
  part: Part<Resource, View>,
  config: ConsumerConfig,
  { sqs, observe: tell }: ConsumerParts,
): Promise<RunningConsumer> {
  const { consumer, indexes } = part;
  const metrics = createMetrics(consumer.agreement.name);
  const observe = guarded((event) => {
    metrics.observe(event);
    tell(event);
  });
  const store = await openViews<View>(config.views, indexes);
  let worker: Worker | null = null;
  const app = serviceApi(part.queryApi(store), { metrics, observe, health: () => worker?.health() ?? STARTING });
  const kept = { keepAliveTimeout: (config.keepAlive ?? KEEP_ALIVE) * 1_000 };
  const listening = await listen(app, config.port, config.host, systemClock, kept).catch((error) => {
    store.close();
    throw error;
  });
  const { queueUrl, deadLetterQueueUrl, sourceUrl, sourceToken, window = 0, transport = 'lean' } = config;
  const options = { queueUrl, deadLetterQueueUrl, transport, clock: systemClock, ...(sqs && { client: sqs }) };
  const queue = createSqsQueue(options);
  const deadLetters = createSqsQueue({ ...options, queueUrl: deadLetterQueueUrl });
  const source = createSourceClient(consumer.agreement, {
    url: sourceUrl,
    token: sourceToken,
    clock: systemClock,
    http: undiciHttp,
    onRequest: (resources) => observe({ kind: 'requested', resources }),
  });
  const limits = { window };
  const running = startWorker({ consumer, queue, deadLetters, source, store, clock: systemClock, observe, limits });
  worker = running;
  return {
    listening,
    async stop() {
      const clean = await running.stop();
      await Promise.all([listening.close(), source.close(), queue.close(), deadLetters.close()]);
      store.close();
      return clean;
    },
  };
}

/**
 * Opens the store of views. The DynamoDB client is loaded only where it is needed: a container loses its own files, so
 * its views are in DynamoDB.
 */
async function openViews<View>(views: string, indexes: Indexes): Promise<ViewStore<View> & { close: () => void }> {
  const [, table] = DYNAMODB.exec(views) ?? [];
  if (table === undefined) return openSqliteViewStore<View>(views, indexes);
  const { openDynamoViewStore } = await import('./stores/dynamodb/store.ts');
  return openDynamoViewStore<View>({ table, indexes, clock: systemClock });
}

const DYNAMODB = /^dynamodb:(.+)$/;

const STARTING = { isHealthy: false, reason: 'starting' };

/** Sources of a consumer's health and metrics. */
export type ServiceDeps = { metrics: Metrics; observe: Observe; health: () => { isHealthy: boolean; reason: string } };

/** Makes the query API, with health and metrics in front. */
export function serviceApi(queries: Hono, { metrics, observe, health }: ServiceDeps): Hono {
  const app = new Hono();
  app.use(secureHeaders());
  app.get('/healthz', (c) => {
    const { isHealthy, reason } = health();
    return isHealthy
      ? c.json({ status: reason ? 'waiting' : 'ok', reason })
      : c.json({ status: 'failing', reason }, 503);
  });
  app.get('/metrics', async (c) => c.text(await metrics.text()));
  tellFailures(queries, observe);
  // Not mounted: that would make a new Request, which can't have the method TRACE, and would answer it with 500.
  return app.all('*', ({ req, env }) => queries.fetch(req.raw, env));
}
