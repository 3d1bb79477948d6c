import { createSqsQueue } from '../../../../consumers/brokers/sqs/queue.ts';
import type { StorefrontCard } from '../../../../consumers/display/consumer.ts';
import { display } from '../../../../consumers/display/consumer.ts';
import { displayPart } from '../../../../consumers/display/part.ts';
import { createSourceClient } from '../../../../consumers/runtime/source/client.ts';
import { undiciHttp } from '../../../../consumers/runtime/source/undici-http.ts';
import { systemClock } from '../../../../consumers/runtime/system.ts';
import { startWorker } from '../../../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../../../consumers/stores/sqlite/store.ts';
import type { Context, Subject } from '../subject.ts';
import { clientOf } from './sdk.ts';

/** The real runtime with the real display consumer, its views on disk, every commit synced. */
export async function start(context: Context): Promise<Subject> {
  const { queueUrl, deadLetterQueueUrl, sourceUrl, views, window, viewed } = context;
  const store = openSqliteViewStore<StorefrontCard>(views, displayPart.indexes);
  const queue = createSqsQueue({ queueUrl, deadLetterQueueUrl, clock: systemClock, client: clientOf(context) });
  const source = createSourceClient(display.agreement, { url: sourceUrl, clock: systemClock, http: undiciHttp });
  let dead = 0;
  const worker = startWorker({
    consumer: display,
    queue,
    source,
    store,
    clock: systemClock,
    observe(event) {
      if (event.kind === 'settled') viewed(event.ring.eventId);
      if (event.kind === 'buried') dead++;
    },
    limits: { window },
  });
  return {
    async versions() {
      const rows = [];
      for (
        let page = await store.scan('', 1_000);
        page.length > 0;
        page = await store.scan(page.at(-1)?.id ?? '', 1_000)
      )
        rows.push(...page);
      return Object.fromEntries(rows.map(({ id, version }) => [id, version]));
    },
    dead: () => dead,
    async stop() {
      await worker.stop();
      await Promise.all([queue.close(), source.close()]);
      store.close();
    },
  };
}
