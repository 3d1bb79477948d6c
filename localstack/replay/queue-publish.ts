import { toMessage } from '../../publisher/relay/message.ts';
import type { Delivery, Publish, Ring } from '../../publisher/relay/ring.ts';
import { SendMessageBatchCommand, type SendMessageBatchRequestEntry, SQSClient } from '../aws.ts';
import type { BrokerClient } from '../provision.ts';

/** What SQS answers when the entry itself is at fault (Amazon SQS API, SendMessageBatch). Anything else may pass later. */
const FOR_GOOD = new Set(['InvalidMessageContents', 'InvalidParameterValue', 'InvalidAttributeValue']);

/** Milliseconds. A call that hangs is given up and repeated; whoever rang twice did no harm. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

const unanswered: Delivery = { accepted: false, retryable: true, reason: 'SQS said nothing of this entry' };

/**
 * Puts rings straight into one queue, up to ten a call, as SNS's raw delivery would have: the same body, the same attributes.
 * Says of each what SQS said. Throws when the call fails.
 */
export function createQueuePublish(options: { queueUrl: string; client?: BrokerClient }): {
  publish: Publish;
  close: () => void;
} {
  const { queueUrl: QueueUrl, client: config = {} } = options;
  const client = new SQSClient({ requestHandler: TIMEOUTS, ...config });
  return {
    async publish(rings, signal) {
      const results = rings.map(() => unanswered);
      const Entries = rings.flatMap((ring, n) => toEntry(ring, n, results));
      if (Entries.length === 0) return results;
      const command = new SendMessageBatchCommand({ QueueUrl, Entries });
      const { Successful = [], Failed = [] } = await client.send(command, { abortSignal: signal });
      for (const { Id } of Successful) results[Number(Id)] = { accepted: true };
      for (const { Id, Code = '', Message = '' } of Failed)
        results[Number(Id)] = { accepted: false, retryable: !FOR_GOOD.has(Code), reason: `${Code}: ${Message}` };
      return results;
    },
    close: () => client.destroy(),
  };
}

function toEntry(ring: Ring, n: number, results: Delivery[]): SendMessageBatchRequestEntry[] {
  try {
    const { body, attributes } = toMessage(ring);
    return [{ Id: String(n), MessageBody: body, MessageAttributes: attributes }];
  } catch (error) {
    results[n] = { accepted: false, retryable: false, reason: (error as Error).message };
    return [];
  }
}
