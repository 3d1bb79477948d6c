import type { Part } from '../../consumers/part.ts';
import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import type { DeadLetter } from '../../consumers/runtime/queue/queue.ts';
import { createSourceClient, type SourceClient } from '../../consumers/runtime/source/client.ts';
import { createSqsHandler, type SqsRecord } from '../../consumers/runtime/sqs-handler.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import type { ViewRow } from '../../consumers/runtime/views/view-store.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';

/** One notification as it lies in the consumer's queue: its body, and its attributes by name. */
export type Received = { body: string; attributes: Record<string, string> };

/** What a consumer did: what it keeps of each shop, how its rings ended, and what came back or was buried. */
export type Done = { rows: ViewRow<unknown>[]; outcomes: string[]; returned: string[]; buried: DeadLetter[] };

/** Where a consumer looks, and what it holds before it is rung. */
export type WorldOptions = { source: Pick<SourceClient<unknown>, 'look'>; held?: readonly ViewRow<unknown>[] };

/** Rings a real consumer: its own definition, the real handler and a real store. Only the queue is none. */
export async function ringConsumer(
  { consumer, indexes }: Part,
  messages: readonly Received[],
  { source, held = [] }: WorldOptions,
): Promise<Done> {
  const store = openSqliteViewStore<unknown>(':memory:', indexes);
  await store.write(held);
  const buried: DeadLetter[] = [];
  const events: ConsumerEvent[] = [];
  const queue = {
    release: async () => [],
    bury: async (letters: readonly DeadLetter[]) => {
      buried.push(...letters);
      return [];
    },
  };
  const observe = (event: ConsumerEvent) => void events.push(event);
  // A pact says what one question is answered; asking again is another.
  const limits = { staleTries: 0 };
  const handler = createSqsHandler({ consumer, queue, source, store, clock: systemClock, observe, limits });
  const { batchItemFailures } = await handler(
    { Records: messages.map(toRecord) },
    { getRemainingTimeInMillis: () => 20_000 },
  );
  const rows = await store.scan('', 100);
  store.close();
  const outcomes = events.flatMap((event) => (event.kind === 'settled' ? event.outcome : []));
  return { rows, outcomes, returned: batchItemFailures.map(({ itemIdentifier }) => itemIdentifier), buried };
}

/** The runtime's own client of a source API. */
export function clientOf({ consumer }: Part, url: string, token: string): SourceClient<unknown> {
  return createSourceClient(consumer.agreement, { url, token, clock: systemClock });
}

function toRecord({ body, attributes }: Received, n: number): SqsRecord {
  const written = Object.entries(attributes).map(([name, stringValue]) => [name, { dataType: 'String', stringValue }]);
  return {
    messageId: `m${n}`,
    receiptHandle: `r${n}`,
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
    messageAttributes: Object.fromEntries(written),
  };
}
