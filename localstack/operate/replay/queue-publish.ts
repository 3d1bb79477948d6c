import { BATCH_TIMEOUTS, batchPublish } from '../../../publisher/relay/batch-publish.ts';
import type { Publish } from '../../../publisher/relay/ring.ts';
import { openSqsClient, SendMessageBatchCommand, type SendMessageBatchRequestEntry } from '../../infrastructure/aws.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';

/** Error codes for a fault of the entry itself (Amazon SQS API, SendMessageBatch). Other errors may pass later. */
const FOR_GOOD = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidAttributeValue']);

/**
 * Sends rings to one queue, up to ten in a call, with body and attributes as in SNS's raw delivery. Reports the
 * answer of SQS for each ring. Throws if the call fails.
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
