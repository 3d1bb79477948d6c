import {
  PublishBatchCommand,
  type PublishBatchRequestEntry,
  SNSClient,
  type SNSClientConfig,
} from '@aws-sdk/client-sns';
import { type MessageAttributes, writeAttributes } from '../contracts/attributes.ts';
import { encodeNotification } from '../contracts/notification.ts';
import type { Delivery, Publish, Ring } from './relay/ring.ts';

/** Which topic, and how it is reached. */
export type TopicOptions = {
  topicArn: string;
  /** Only what the SDK can't find by itself (`AWS_REGION`, `AWS_ENDPOINT_URL` …): the embedded broker's address. */
  client?: SNSClientConfig;
  /**
   * Gives each ring its shop as message group, so that fair queues keep one noisy shop from delaying the others (Amazon SQS
   * Developer Guide, "Fair queues"). SNS standard topics pass it on; stand-ins may not.
   */
  messageGroups?: boolean;
};

/** What SNS answers when the entry itself is at fault (Amazon SNS API, PublishBatch errors). Anything else may pass later. */
const FOR_GOOD = new Set(['InvalidParameter', 'InvalidParameterValue', 'ParameterValueInvalid']);

/** Milliseconds. A call that hangs is given up and repeated; whoever rang twice did no harm. */
const TIMEOUTS = { connectionTimeout: 2_000, requestTimeout: 10_000, throwOnRequestTimeout: true };

const unanswered: Delivery = { accepted: false, retryable: true, reason: 'SNS said nothing of this entry' };

/** Publishes rings to an SNS topic, up to ten a call, and says of each what SNS said. Throws when the call fails. */
export function createSnsPublish({ topicArn, client: config = {}, messageGroups = false }: TopicOptions): {
  publish: Publish;
  close: () => void;
} {
  const client = new SNSClient({ requestHandler: TIMEOUTS, ...config });
  return {
    async publish(rings, signal) {
      const results = rings.map(() => unanswered);
      const entries = rings
        .flatMap((ring, n) => toEntry(ring, n, results))
        .map((entry) => (messageGroups ? { ...entry, MessageGroupId: rings[Number(entry.Id)]?.id } : entry));
      if (entries.length === 0) return results;
      const command = new PublishBatchCommand({ TopicArn: topicArn, PublishBatchRequestEntries: entries });
      const { Successful = [], Failed = [] } = await client.send(command, { abortSignal: signal });
      for (const { Id } of Successful) results[Number(Id)] = { accepted: true };
      for (const { Id, Code = '', Message = '' } of Failed)
        results[Number(Id)] = { accepted: false, retryable: !FOR_GOOD.has(Code), reason: `${Code}: ${Message}` };
      return results;
    },
    close: () => client.destroy(),
  };
}

/** A message as it leaves: the body, and the attributes beside it. */
export type SnsMessage = { Message: string; MessageAttributes: MessageAttributes };

/** Makes the message of a ring. Throws NotificationError for one that is no notification: zero payload holds on the way out, too. */
export function messageOf({ id, type, eventId, version, occurredAt }: Omit<Ring, 'position'>): SnsMessage {
  const Message = encodeNotification({ id, type });
  return { Message, MessageAttributes: writeAttributes(type, { eventId, version, occurredAt }) };
}

/** A ring that can't be told is refused here, and the others of its call go out. */
function toEntry(ring: Ring, n: number, results: Delivery[]): PublishBatchRequestEntry[] {
  try {
    return [{ Id: String(n), ...messageOf(ring) }];
  } catch (error) {
    results[n] = { accepted: false, retryable: false, reason: (error as Error).message };
    return [];
  }
}
