import { BATCH_TIMEOUTS, batchPublish } from '../../../publisher/relay/batch-publish.ts';
import type { Publish } from '../../../publisher/relay/ring.ts';
import { openSqsClient, SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '../../infrastructure/aws.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';

/** What SQS answers when the entry itself is at fault (Amazon SQS API, SendMessageBatch). Anything else may pass later. */
const FOR_GOOD = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidAttributeValue']);

/**
 * Puts rings straight into one queue, up to ten a call, as SNS's raw delivery would have: the same body, the same attributes.
 * Says of each what SQS said. Throws when the call fails.
 */
export function createQueuePublish(options: { queueUrl: string; client?: BrokerClient }): {
  publish: Publish;
  close: () => void;
} {
  const { queueUrl: QueueUrl, client: config = {} } = options;
  const client = openSqsClient({ requestHandler: BATCH_TIMEOUTS, ...config });
  const publish = batchPublish<SendMessageBatchRequestEntry>({
    name: 'SQS',
    forGood: FOR_GOOD,
    entryOf: ({ id, body, attributes }) => ({ Id: id, MessageBody: body, MessageAttributes: attributes }),
    send: (Entries, abortSignal) => client.send(new SendMessageBatchCommand({ QueueUrl, Entries }), { abortSignal }),
  });
  return { publish, close: () => client.destroy() };
}
