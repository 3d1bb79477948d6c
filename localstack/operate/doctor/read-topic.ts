import { andThen, ask, type Read } from '../../infrastructure/aws/ask.ts';
import {
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  type SNSClient,
} from '../../infrastructure/aws.ts';
import { parsed } from './read-queues.ts';
import type { Deployed, ListedSubscription, SubscriptionState } from './state.ts';

const ABSENT = ['NotFoundException', 'NotFound'];

/** Reads the topic; null if there is none. Throws Unreachable. */
export async function readTopic(sns: SNSClient, arn: string): Promise<Deployed['topic']> {
  const read = await ask(sns.send(new GetTopicAttributesCommand({ TopicArn: arn })), { absent: ABSENT, vital: 'SNS' });
  return andThen(read, ({ Attributes: { KmsMasterKeyId = '', Policy = '' } = {} }) => ({
    value: { arn, encrypted: KmsMasterKeyId !== '', policy: parsed(Policy) },
  }));
}

/** The text that SNS returns in place of the ARN until a subscription is confirmed. */
const PENDING = 'PendingConfirmation';

/** Lists all subscriptions of a topic; null if there is no topic. Throws Unreachable. */
export async function listSubscriptions(sns: SNSClient, topicArn: string): Promise<Deployed['subscriptions']> {
  return ask(listAll(sns, topicArn), { absent: ABSENT, vital: 'SNS' });
}

async function listAll(sns: SNSClient, TopicArn: string): Promise<ListedSubscription[]> {
  const found: ListedSubscription[] = [];
  let NextToken: string | undefined;
  do {
    const page = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn, NextToken }));
    for (const { Protocol = '', Endpoint = '', SubscriptionArn = '' } of page.Subscriptions ?? [])
      found.push({ arn: SubscriptionArn, protocol: Protocol, endpoint: Endpoint });
    NextToken = page.NextToken === '' ? undefined : page.NextToken;
  } while (NextToken !== undefined);
  return found;
}

/** Reads the subscription of a queue; null if there is none. Throws Unreachable. */
export async function readSubscription(
  sns: SNSClient,
  listed: Deployed['subscriptions'],
  queueArn: string,
): Promise<Read<SubscriptionState | null>> {
  if ('notChecked' in listed) return listed;
  const arn = listed.value?.find(({ endpoint }) => endpoint === queueArn)?.arn;
  if (arn === undefined) return { value: null };
  if (!arn.startsWith('arn:')) return { value: unconfirmed(arn) };
  const read = await ask(sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: arn })), {
    absent: ABSENT,
    vital: 'SNS',
  });
  return andThen(read, ({ Attributes = {} }) => ({ value: toSubscription(arn, Attributes) }));
}

/** Makes the state of an unconfirmed subscription, whose settings can't be read. */
const unconfirmed = (arn: string): SubscriptionState => ({
  arn: arn === '' ? PENDING : arn,
  confirmed: false,
  raw: false,
  filterScope: '',
  filterPolicy: null,
  deadLetterTargetArn: null,
});

function toSubscription(arn: string, attributes: Partial<Record<string, string>>): SubscriptionState {
  return {
    arn,
    confirmed: attributes.PendingConfirmation !== 'true',
    raw: attributes.RawMessageDelivery === 'true',
    filterScope: attributes.FilterPolicyScope ?? 'MessageAttributes',
    filterPolicy: parsed(attributes.FilterPolicy),
    deadLetterTargetArn:
      parsed<{ deadLetterTargetArn?: string }>(attributes.RedrivePolicy)?.deadLetterTargetArn ?? null,
  };
}
