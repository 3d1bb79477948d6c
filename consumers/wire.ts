import { readFileSync } from 'node:fs';
import type { Hono } from 'hono';
import { ProblemError } from '../contracts/problem.ts';
import { problemResponse } from '../contracts/problem-response.ts';
import type { ConsumerConfig } from './config.ts';
import { type Listening, listen } from './listen.ts';
import type { Part } from './part.ts';
import type { Observe } from './runtime/events.ts';
import { createSourceClient } from './runtime/source-client.ts';
import { openSqliteViewStore } from './runtime/sqlite-view-store.ts';
import { systemClock } from './runtime/system.ts';
import { startWorker } from './runtime/worker.ts';
import { createSqsQueue, type SqsQueueOptions } from './sqs/queue.ts';

/** What a consumer is given besides its configuration. */
export type ConsumerParts = {
  /** For the embedded broker; the SDK's own configuration otherwise. */
  sqs?: SqsQueueOptions['client'];
  observe: Observe;
};

/** A consumer that runs. `stop` answers whether everything in hand was finished in time. */
export type RunningConsumer = { listening: Listening; stop: () => Promise<boolean> };

/** Puts a consumer together and starts it: worker and query API in one process. Throws PortTaken. */
export async function startConsumer<Shop, View>(
  { consumer, schema, queryApi }: Part<Shop, View>,
  config: ConsumerConfig,
  { sqs, observe }: ConsumerParts,
): Promise<RunningConsumer> {
  const store = openSqliteViewStore<View>(config.views, schema === null ? undefined : readFileSync(schema, 'utf8'));
  const listening = await listen(reporting(queryApi(store), observe), config.port, config.host, systemClock).catch(
    (error) => {
      store.close();
      throw error;
    },
  );
  const { queueUrl, deadLetterQueueUrl, sourceUrl, sourceToken } = config;
  const queue = createSqsQueue({ queueUrl, deadLetterQueueUrl, clock: systemClock, ...(sqs && { client: sqs }) });
  const source = createSourceClient(consumer.agreement, {
    url: sourceUrl,
    token: sourceToken,
    clock: systemClock,
    onRequest: (shops) => observe({ kind: 'requested', shops }),
  });
  const worker = startWorker({ consumer, queue, source, store, clock: systemClock, observe });
  return {
    listening,
    async stop() {
      const clean = await worker.stop();
      await Promise.all([listening.close(), source.close()]);
      await queue.close();
      store.close();
      return clean;
    },
  };
}

/** What goes wrong in a query API is told to whoever watches, and not to who asked. */
function reporting(app: Hono, observe: Observe): Hono {
  return app.onError((error, c) => {
    if (!(error instanceof ProblemError)) observe({ kind: 'query-failed', reason: error.message });
    return problemResponse(error, c);
  });
}
