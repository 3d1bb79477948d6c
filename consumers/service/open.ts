import { lackingPackage } from '../../contracts/environment/optional-package.ts';
import type { Observe } from '../runtime/queue/events.ts';
import type { Queue } from '../runtime/queue/queue.ts';
import { createSourceClient } from '../runtime/source/client.ts';
import { undiciHttp } from '../runtime/source/undici-http.ts';
import type { Clock } from '../runtime/system.ts';
import type { ViewStore } from '../runtime/views/view-store.ts';
import type { BrokerPorts, SourcePort, SqsQueues, StartOptions } from './options.ts';
import { revisionOf } from './revision.ts';

/** Something that was opened here, and how to close it. */
type Opened<Part> = { part: Part; close: () => unknown };

/** A part that was ready when it was given: its owner closes it. */
const given = <Part>(part: Part): Opened<Part> => ({ part, close: () => {} });

/** The path or table where a consumer keeps its views, if the store is opened here. */
export function placeOf<Resource, View>({ store, consumer }: Pick<StartOptions<Resource, View>, 'store' | 'consumer'>) {
  return store ?? `${consumer.agreement.name}.sqlite`;
}

const DYNAMODB = /^dynamodb:(.+)$/;

/**
 * Opens the store of views. DynamoDB's client is loaded only where it is needed: a container loses its own files, so
 * its views are in DynamoDB.
 */
export async function openStore<Resource, View>(
  { consumer, store, indexes = {} }: Pick<StartOptions<Resource, View>, 'store' | 'consumer' | 'indexes'>,
  clock: Clock,
): Promise<Opened<ViewStore<View>>> {
  const place = placeOf({ store, consumer });
  if (typeof place !== 'string') return given(place);
  const [, table] = DYNAMODB.exec(place) ?? [];
  if (table === undefined) {
    const { openSqliteViewStore } = await import('../stores/sqlite/store.ts');
    const opened = openSqliteViewStore<View>(place, indexes, { clock, revision: revisionOf(consumer) });
    return { part: opened, close: opened.close };
  }
  const { openDynamoViewStore } = await import('../stores/dynamodb/store.ts').catch(
    lackingPackage('startConsumer: store', DYNAMODB_CLIENT),
  );
  const opened = openDynamoViewStore<View>({ table, indexes, clock, revision: revisionOf(consumer, indexes) });
  return { part: opened, close: opened.close };
}

const DYNAMODB_CLIENT = '@aws-sdk/client-dynamodb';
const SQS_CLIENT = '@aws-sdk/client-sqs';

/** Opens the queue and its dead-letter queue. */
export async function openBroker(
  broker: SqsQueues | BrokerPorts | 'feed',
  clock: Clock,
): Promise<Opened<Omit<BrokerPorts, 'queue'> & { queue: Queue | 'feed' }>> {
  if (broker === 'feed') return given({ queue: broker });
  if ('queue' in broker) return given(broker);
  const { createSqsQueue } = await import('../brokers/sqs/queue.ts').catch(
    lackingPackage('startConsumer: broker', SQS_CLIENT),
  );
  const { queueUrl, deadLetterQueueUrl, client, transport = 'lean' } = broker;
  const options = { queueUrl, deadLetterQueueUrl, transport, clock, ...(client && { client }) };
  const queue = createSqsQueue(options);
  const deadLetters = createSqsQueue({ ...options, queueUrl: deadLetterQueueUrl });
  const close = () => Promise.all([queue.close(), deadLetters.close()]);
  return { part: { queue: queue satisfies Queue, deadLetters }, close };
}

/** Opens the client of the source. */
export function openSource<Resource, View>(
  { consumer, source }: Pick<StartOptions<Resource, View>, 'source' | 'consumer'>,
  clock: Clock,
  observe: Observe,
): Opened<SourcePort<Resource>> {
  if ('look' in source) return given(source);
  const { url, token } = source;
  const onRequest = (resources: number) => observe({ kind: 'requested', resources });
  const client = createSourceClient(consumer.agreement, { url, token, clock, http: undiciHttp, onRequest });
  return { part: client, close: client.close };
}
