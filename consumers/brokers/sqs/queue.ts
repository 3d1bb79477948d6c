import type { Message, Queue } from '../../runtime/queue/queue.ts';
import type { Clock } from '../../runtime/system.ts';
import { answering, failures } from './answering.ts';
import { createLeanCall } from './lean.ts';
import { openSdk, type SQSClientConfig, type SqsMessage } from './sdk.ts';

/** Addresses of a consumer's queues, and settings for calling them. */
export type SqsQueueOptions = {
  queueUrl: string;
  deadLetterQueueUrl: string;
  /**
   * Only settings that the SDK can't find by itself (`AWS_REGION`, `AWS_ENDPOINT_URL` …): the embedded broker's
   * address.
   */
  client?: SQSClientConfig;
  /** `sdk` makes every call by the AWS SDK, at less than half the speed; `lean` is the default. */
  transport?: 'lean' | 'sdk';
  clock: Clock;
};

/** Makes a consumer's queue and its dead-letter queue on SQS. */
export function createSqsQueue(options: SqsQueueOptions): Queue & { close: () => Promise<void> } {
  const { queueUrl, deadLetterQueueUrl } = options;
  const { call, close } = openCall(options);
  return {
    async receive(most, waitSeconds, signal) {
      const input = { ...RECEIVE, QueueUrl: queueUrl, MaxNumberOfMessages: most, WaitTimeSeconds: waitSeconds };
      const { Messages } = await call('ReceiveMessage', input, signal);
      return (Messages ?? []).map(toMessage);
    },
    async remove(messages) {
      const Entries = messages.map(({ receiptHandle }, n) => ({ Id: String(n), ReceiptHandle: receiptHandle }));
      return failures(await call('DeleteMessageBatch', { QueueUrl: queueUrl, Entries }));
    },
    ...answering(call, { queueUrl, deadLetterQueueUrl }),
    close,
  };
}

const RECEIVE = {
  MessageAttributeNames: ['All'],
  MessageSystemAttributeNames: ['ApproximateReceiveCount', 'SentTimestamp'],
};

function openCall({ queueUrl, client, transport = 'lean', clock }: SqsQueueOptions) {
  const sdk = openSdk(client);
  if (transport === 'lean') return createLeanCall({ sdk, queueUrl, clock });
  return { call: sdk.call, close: async () => sdk.close() };
}

function toMessage({ MessageId, ReceiptHandle, Body, MessageAttributes, Attributes }: SqsMessage): Message {
  return {
    messageId: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    attributes: MessageAttributes ?? {},
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
    sentAt: Number(Attributes?.SentTimestamp ?? 0),
  };
}
