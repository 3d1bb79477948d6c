import { placeSettings } from '../settings.ts';
import type { ConsumerPlace, Topology } from '../topology.ts';
import { topicArn } from './topic.ts';
import { arn, filledIn, getAtt, logicalId, merged, type Resource, type Resources, ref, type Value } from './values.ts';

/** Names the queues and the subscription of a consumer in the template. */
export function placeIds(consumer: string) {
  const id = logicalId(consumer);
  return {
    queue: `${id}Queue`,
    deadLetterQueue: `${id}DeadLetterQueue`,
    undeliveredQueue: `${id}UndeliveredQueue`,
    subscription: `${id}Subscription`,
  };
}

/** The property that encrypts a queue, or none: AWS then encrypts it by a key of SQS. */
export type QueueEncryption = { KmsMasterKeyId?: Value };

const BY_KEY: QueueEncryption = { KmsMasterKeyId: getAtt('Key', 'Arn') };

/** Makes queues, policies and subscription of every consumer, encrypted by the template's own key unless given. */
export function placeResources(topology: Topology, encryption = BY_KEY): Resources {
  return merged(...topology.consumers.map((place) => placeOf(place, topology, encryption)));
}

function placeOf(place: ConsumerPlace, topology: Topology, encryption: QueueEncryption): Resources {
  const ids = placeIds(place.consumer);
  const { policies, subscription, ...queues } = placeSettings(place, topology, {
    topic: topicArn,
    account: ref('AWS::AccountId'),
    // By its name: a reference would be a circle, since queue and dead-letter queue refer to each other.
    queue: arn('sqs', place.queue.name),
    deadLetterQueue: getAtt(ids.deadLetterQueue, 'Arn'),
    undeliveredQueue: getAtt(ids.undeliveredQueue, 'Arn'),
  });
  const kinds = ['queue', 'deadLetterQueue', 'undeliveredQueue'] as const;
  const made = kinds.map((kind) => queueOf(ids[kind], place[kind].name, queues[kind], policies[kind], encryption));
  return merged<Resource>(...made, {
    [ids.subscription]: {
      Type: 'AWS::SNS::Subscription',
      // Both policies come first: a ring that SNS may not deliver yet goes to the undelivered queue.
      DependsOn: [`${ids.queue}Policy`, `${ids.undeliveredQueue}Policy`],
      Properties: { TopicArn: topicArn, Protocol: 'sqs', Endpoint: getAtt(ids.queue, 'Arn'), ...subscription },
    },
  });
}

/** Makes a queue and its policy. */
export function queueOf(
  id: string,
  name: string,
  settings: Record<string, unknown>,
  policy: unknown,
  encryption = BY_KEY,
): Resources {
  return {
    [id]: {
      Type: 'AWS::SQS::Queue',
      // Rings are not data: nothing needs to be kept, and a replay rings again for messages that a replacement lost.
      DeletionPolicy: 'Delete',
      UpdateReplacePolicy: 'Delete',
      Properties: { QueueName: filledIn(name), ...encryption, ...settings },
    },
    [`${id}Policy`]: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: { Queues: [ref(id)], PolicyDocument: policy },
    },
  };
}
