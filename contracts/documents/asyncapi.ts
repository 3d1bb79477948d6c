import { Notification } from '../wire/notification.ts';
import type { Domain } from './domain.ts';
import { exampleEvent } from './example-event.ts';
import { createSchemas, type JsonSchema } from './json-schema.ts';
import { RingAttributes, ringWords } from './notification-schema.ts';
import { VERSION } from './openapi.ts';
import { createVocabulary } from './vocabulary.ts';

type QueuePlace = { name: string; visibilitySeconds: number; retentionSeconds: number };

/** Queues of one consumer, and the event types that wake it. */
type ConsumerPlace = {
  consumer: string;
  queue: QueuePlace;
  deadLetterQueue: QueuePlace;
  undeliveredQueue: QueuePlace;
  filterPolicy: { type: (string | { exists: false })[] };
};

/** Topic and queues: the topology, as `localstack/infrastructure/topology.ts` derives it from the agreements. */
export type Places = { topic: string; maxReceiveCount: number; consumers: readonly ConsumerPlace[] };

/** An AsyncAPI 3 document. */
export type AsyncApiDocument = {
  asyncapi: string;
  info: JsonSchema;
  defaultContentType: string;
  channels: Record<string, JsonSchema>;
  operations: Record<string, JsonSchema>;
  components: { messages: Record<string, JsonSchema>; schemas: Record<string, JsonSchema> };
};

const DESCRIPTION = `A notification says which shop changed and what kind of change it was, and no more: it says *come and look*. \
Notifications may be lost, doubled, reordered or merged, as long as the consumer looks once more after the last change.

Topic and queues are standard ones, not FIFO: order comes from the versions that the source APIs answer.`;

const ref = (place: string) => ({ $ref: `#/${place}` });

/** Makes the AsyncAPI 3 document of topic, queues and messages. Pure. */
export function asyncApi({ topic, maxReceiveCount, consumers }: Places, domain: Domain): AsyncApiDocument {
  const schemas = createSchemas('#/components/schemas/', createVocabulary(ringWords, domain.words));
  const messages = {
    notification: notification(
      schemas.of(Notification, 'output'),
      schemas.of(RingAttributes, 'output'),
      domain.examples.notification,
    ),
  };
  const channels = Object.fromEntries(
    consumers.map((place) => [`${place.consumer}Queue`, queue(place, maxReceiveCount)]),
  );
  const looks = Object.fromEntries(consumers.map(({ consumer }) => [`${consumer}Looks`, look(consumer)]));
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Doorbell notifications',
      version: VERSION,
      description: DESCRIPTION,
      license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
    },
    defaultContentType: 'application/json',
    channels: { topic: topicChannel(topic), ...channels },
    operations: { ring: ring(topic, consumers), ...looks },
    components: { messages, schemas: schemas.components() },
  };
}

function notification(payload: JsonSchema, headers: JsonSchema, example: Notification): JsonSchema {
  return {
    name: 'notification',
    title: 'A shop has changed: look at its source API',
    contentType: 'application/json',
    headers,
    payload,
    examples: [
      {
        name: 'priceChanged',
        headers: {
          type: example.type,
          eventId: exampleEvent.eventId,
          version: String(exampleEvent.version),
          occurredAt: String(Date.parse(exampleEvent.at)),
        },
        payload: example,
      },
    ],
  };
}

function topicChannel(name: string): JsonSchema {
  return {
    address: name,
    title: 'The topic',
    description: 'Topic of the publisher; SNS copies each message into the queue of every consumer that it wakes.',
    messages: { notification: ref('components/messages/notification') },
    bindings: { sns: { name, ordering: { type: 'standard' }, bindingVersion: '0.1.0' } },
  };
}

function queue({ consumer, queue, deadLetterQueue }: ConsumerPlace, maxReceiveCount: number): JsonSchema {
  const deadLetters = { deadLetterQueue: { name: deadLetterQueue.name }, maxReceiveCount };
  return {
    address: queue.name,
    title: `The queue of ${consumer}`,
    description: `Rings for ${consumer}. Messages that can never be handled go to ${deadLetterQueue.name}, with \`reason\`, \`detail\` and \`attempts\` as attributes.`,
    messages: { notification: ref('components/messages/notification') },
    bindings: {
      sqs: {
        queue: { ...queueBinding(queue), redrivePolicy: deadLetters },
        deadLetterQueue: queueBinding(deadLetterQueue),
        bindingVersion: '0.2.0',
      },
    },
  };
}

function queueBinding({ name, visibilitySeconds, retentionSeconds }: QueuePlace): JsonSchema {
  return {
    name,
    fifoQueue: false,
    visibilityTimeout: visibilitySeconds,
    messageRetentionPeriod: retentionSeconds,
  };
}

function ring(topic: string, consumers: readonly ConsumerPlace[]): JsonSchema {
  return {
    action: 'send',
    title: 'Ring',
    summary: 'The publisher rings after each commit that changed a shop.',
    channel: ref('channels/topic'),
    messages: [ref('channels/topic/messages/notification')],
    bindings: { sns: { topic: { name: topic }, consumers: consumers.map(subscription), bindingVersion: '0.1.0' } },
  };
}

function subscription({ queue, undeliveredQueue, filterPolicy }: ConsumerPlace): JsonSchema {
  return {
    protocol: 'sqs',
    endpoint: { name: queue.name },
    // The schema of AsyncAPI's SNS binding 0.1.0 allows only names; the extension has the real filter policy.
    filterPolicy: { type: filterPolicy.type.filter((value) => typeof value === 'string') },
    'x-filterPolicy': filterPolicy,
    filterPolicyScope: 'MessageBody',
    rawMessageDelivery: true,
    redrivePolicy: { deadLetterQueue: { name: undeliveredQueue.name } },
  };
}

function look(consumer: string): JsonSchema {
  return {
    action: 'receive',
    title: `${consumer} looks`,
    summary: `${consumer} receives a ring and looks at its source API, unless its view is as new already.`,
    channel: ref(`channels/${consumer}Queue`),
    messages: [ref(`channels/${consumer}Queue/messages/notification`)],
  };
}
