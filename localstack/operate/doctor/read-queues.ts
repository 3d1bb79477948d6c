import { andThen, ask, type Read } from '../../infrastructure/aws/ask.ts';
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '../../infrastructure/aws.ts';
import type { QueueState } from './state.ts';

/** Reads a queue by its name; null if there is none. Throws Unreachable. */
export async function readQueue(sqs: SQSClient, name: string): Promise<Read<QueueState | null>> {
  const found = await ask(sqs.send(new GetQueueUrlCommand({ QueueName: name })), { absent: ABSENT, vital: 'SQS' });
  return andThen(found, async ({ QueueUrl = '' }) => {
    const all = sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
    const read = await ask(all, { absent: ABSENT, vital: 'SQS' });
    return andThen(read, ({ Attributes = {} }) => ({ value: toQueue(QueueUrl, Attributes) }));
  });
}

const ABSENT = ['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue'];

function toQueue(url: string, attributes: Partial<Record<string, string>>): QueueState {
  const { QueueArn = '', KmsMasterKeyId, SqsManagedSseEnabled } = attributes;
  const number = (name: string) => Number(attributes[name] ?? 0);
  return {
    url,
    arn: QueueArn,
    visibilitySeconds: number('VisibilityTimeout'),
    retentionSeconds: number('MessageRetentionPeriod'),
    encryption: encryptionOf(KmsMasterKeyId, SqsManagedSseEnabled),
    delaySeconds: number('DelaySeconds'),
    policy: parsed(attributes.Policy),
    redrive: redriveOf(parsed(attributes.RedrivePolicy)),
    redriveAllow: parsed(attributes.RedriveAllowPolicy),
    messages:
      number('ApproximateNumberOfMessages') +
      number('ApproximateNumberOfMessagesNotVisible') +
      number('ApproximateNumberOfMessagesDelayed'),
  };
}

function encryptionOf(key = '', isManaged = ''): QueueState['encryption'] {
  if (key !== '') return /(^|:)alias\/aws\/sqs$/.test(key) ? 'aws' : 'kms';
  return isManaged === 'true' ? 'sqs' : null;
}

/** Reads a redrive policy. SQS returns the count as number or as text, as it was written. */
function redriveOf(policy: { deadLetterTargetArn?: string; maxReceiveCount?: unknown } | null): QueueState['redrive'] {
  if (policy === null) return null;
  return { deadLetterTargetArn: policy.deadLetterTargetArn ?? '', maxReceiveCount: Number(policy.maxReceiveCount) };
}

/** Parses the JSON of an attribute; null if it is missing, empty or not JSON. */
export function parsed<Value extends object>(text: string | undefined): Value | null {
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text) as Value;
  } catch {
    return null;
  }
}
