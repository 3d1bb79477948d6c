import {
  CreateQueueCommand,
  CreateTopicCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListSubscriptionsByTopicCommand,
  QueueDoesNotExist,
  SetQueueAttributesCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SQSClient,
  SubscribeCommand,
} from './aws.ts';
import type { ConsumerPlace, QueueSpec, Topology } from './topology.ts';

/** How to reach SNS and SQS: only what the SDK can't find by itself. */
export type BrokerClient = {
  endpoint?: string;
  region?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

/** Where things are once they exist. */
export type Provisioned = {
  topicArn: string;
  consumers: Record<string, { queueUrl: string; deadLetterQueueUrl: string }>;
};

type Queue = { url: string; arn: string };

/**
 * Makes topic, queues and subscriptions as the topology says, wherever the SDK's configuration points. Whatever
 * exists already is brought in line; running it twice changes nothing.
 */
export async function provision(topology: Topology, client: BrokerClient = {}): Promise<Provisioned> {
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  try {
    const { TopicArn: topicArn = '' } = await sns.send(new CreateTopicCommand({ Name: topology.topic }));
    const places = await Promise.all(
      topology.consumers.map(
        async (place) => [place.consumer, await provisionPlace(sns, sqs, topicArn, place, topology)] as const,
      ),
    );
    return { topicArn, consumers: Object.fromEntries(places) };
  } finally {
    sns.destroy();
    sqs.destroy();
  }
}

async function provisionPlace(
  sns: SNSClient,
  sqs: SQSClient,
  topicArn: string,
  place: ConsumerPlace,
  { maxReceiveCount }: Topology,
) {
  const fromTopic = (queue: string) => sendPolicy(topicArn, queue);
  const [dead, undelivered] = await Promise.all([
    ensureQueue(sqs, place.deadLetterQueue, (arn) => ({ RedriveAllowPolicy: allowFrom(arn, place.queue.name) })),
    ensureQueue(sqs, place.undeliveredQueue, (arn) => ({ Policy: fromTopic(arn) })),
  ]);
  const queue = await ensureQueue(sqs, place.queue, (arn) => ({
    Policy: fromTopic(arn),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount }),
  }));
  await ensureSubscription(sns, topicArn, queue.arn, {
    RawMessageDelivery: 'true',
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: JSON.stringify(place.filterPolicy),
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: undelivered.arn }),
  });
  return { queueUrl: queue.url, deadLetterQueueUrl: dead.url };
}

async function ensureQueue(
  sqs: SQSClient,
  spec: QueueSpec,
  more: (arn: string) => Record<string, string>,
): Promise<Queue> {
  const url = await queueUrl(sqs, spec.name);
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['QueueArn'] }));
  const arn = Attributes?.QueueArn ?? '';
  const attributes = {
    VisibilityTimeout: String(spec.visibilitySeconds),
    MessageRetentionPeriod: String(spec.retentionSeconds),
    SqsManagedSseEnabled: 'true',
    ...more(arn),
  };
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: attributes }));
  return { url, arn };
}

/** CreateQueue refuses a queue that exists with other attributes; so it is found first, and set afterwards. */
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
  // With its attributes from the start: a subscription that is filtered a moment later has let through what it should not.
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

/** Only this queue may put its letters there. Its ARN differs from that of its dead-letter queue by the name alone. */
function allowFrom(deadLetterQueueArn: string, queue: string): string {
  const sourceQueueArns = [deadLetterQueueArn.replace(/[^:]*$/, queue)];
  return JSON.stringify({ redrivePermission: 'byQueue', sourceQueueArns });
}

/** Only this topic may put messages into the queue, and nobody does without TLS. */
export function sendPolicy(topicArn: string, queueArn: string): string {
  const [, , , , account = ''] = topicArn.split(':');
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn,
        Condition: { ArnEquals: { 'aws:SourceArn': topicArn }, StringEquals: { 'aws:SourceAccount': account } },
      },
      {
        Effect: 'Deny',
        Principal: '*',
        Action: 'sqs:*',
        Resource: queueArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  });
}
