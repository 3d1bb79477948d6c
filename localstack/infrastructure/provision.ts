import {
  CreateQueueCommand,
  CreateTopicCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListSubscriptionsByTopicCommand,
  openSqsClient,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  type SQSClient,
  SubscribeCommand,
} from './aws.ts';
import { placeSettings } from './settings.ts';
import type { ConsumerPlace, Topology } from './topology.ts';

/**
 * Configuration of the SDK's clients. Empty for AWS, where the SDK finds everything; complete for the embedded
 * broker.
 */
export type BrokerClient = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
  useFipsEndpoint?: boolean;
  useDualstackEndpoint?: boolean;
  authSchemePreference?: string[];
  accountIdEndpointMode?: 'disabled';
  endpointDiscoveryEnabled?: boolean;
  defaultsMode?: 'legacy';
  retryMode?: string;
  maxAttempts?: number;
  userAgentAppId?: string;
};

/** Addresses of topic and queues. */
export type Provisioned = {
  topicArn: string;
  consumers: Record<string, { queueUrl: string; deadLetterQueueUrl: string }>;
};

type Queue = { url: string; arn: string };

/**
 * Makes topic, queues and subscriptions of a topology. Existing ones get the settings of the topology; a second run
 * changes nothing.
 */
export async function provision(topology: Topology, client: BrokerClient = {}): Promise<Provisioned> {
  const sns = new SNSClient(client);
  const sqs = openSqsClient(client);
  try {
    const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: topology.topic }));
    const places = await Promise.all(
      topology.consumers.map(async (place) => {
        const { queueUrl, deadLetterQueueUrl } = await provisionPlace(sns, sqs, topicArn, place, topology);
        const urls = { queueUrl: reached(queueUrl, client), deadLetterQueueUrl: reached(deadLetterQueueUrl, client) };
        return [place.consumer, urls] as const;
      }),
    );
    return { topicArn, consumers: Object.fromEntries(places) };
  } finally {
    sns.destroy();
    sqs.destroy();
  }
}

/** Puts the given endpoint into the URL of a queue: a stand-in may return a host name that does not resolve. */
function reached(url: string, { endpoint }: BrokerClient): string {
  return endpoint === undefined ? url : new URL(new URL(url).pathname, endpoint).href;
}

async function provisionPlace(sns: SNSClient, sqs: SQSClient, topic: string, place: ConsumerPlace, topology: Topology) {
  const [queue, dead, undelivered] = (await Promise.all(
    [place.queue, place.deadLetterQueue, place.undeliveredQueue].map((spec) => ensureQueue(sqs, spec.name)),
  )) as [Queue, Queue, Queue];
  const arns = { queue: queue.arn, deadLetterQueue: dead.arn, undeliveredQueue: undelivered.arn };
  const [, , , , account = ''] = topic.split(':');
  const { policies, subscription, ...queues } = placeSettings(place, topology, { topic, account, ...arns });
  await Promise.all([
    setQueue(sqs, dead, { ...queues.deadLetterQueue, Policy: policies.deadLetterQueue }),
    setQueue(sqs, undelivered, { ...queues.undeliveredQueue, Policy: policies.undeliveredQueue }),
    setQueue(sqs, queue, { ...queues.queue, Policy: policies.queue }),
  ]);
  await ensureSubscription(sns, topic, queue.arn, asAttributes(subscription));
  return { queueUrl: queue.url, deadLetterQueueUrl: dead.url };
}

async function ensureQueue(sqs: SQSClient, name: string): Promise<Queue> {
  const url = await queueUrl(sqs, name);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  return { url, arn: Attributes?.QueueArn ?? '' };
}

async function setQueue(sqs: SQSClient, { url }: Queue, settings: Record<string, unknown>): Promise<void> {
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: asAttributes(settings) }));
}

/** Converts settings to texts, as SQS and SNS take them; an object becomes JSON. */
function asAttributes(settings: Record<string, unknown>): Record<string, string> {
  const texts = Object.entries(settings).map(([name, value]) => [
    name,
    typeof value === 'object' ? JSON.stringify(value) : String(value),
  ]);
  return Object.fromEntries(texts);
}

/** Finds or makes a queue, without attributes: CreateQueue refuses an existing queue that has other ones. */
async function queueUrl(sqs: SQSClient, name: string): Promise<string> {
  try {
    const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: name }));
    return QueueUrl;
  } catch (error) {
    if (!(error instanceof QueueDoesNotExist)) throw error;
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: name }));
    return QueueUrl;
  }
}

async function ensureSubscription(
  sns: SNSClient,
  topicArn: string,
  queueArn: string,
  attributes: Record<string, string>,
): Promise<void> {
  const existing = await findSubscription(sns, topicArn, queueArn);
  // Made with its attributes: a subscription whose filter is set later lets unwanted rings through until then.
  if (existing === null) {
    await sns.send(
      new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn, Attributes: attributes }),
    );
    return;
  }
  for (const [AttributeName, AttributeValue] of Object.entries(attributes))
    await sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn: existing, AttributeName, AttributeValue }));
}

async function findSubscription(sns: SNSClient, topicArn: string, queueArn: string): Promise<string | null> {
  let next: string | undefined;
  do {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn, NextToken: next }));
    const found = page.Subscriptions?.find(({ Endpoint }) => Endpoint === queueArn);
    if (found?.SubscriptionArn !== undefined) return found.SubscriptionArn;
    next = page.NextToken;
  } while (next !== undefined && next !== '');
  return null;
}
