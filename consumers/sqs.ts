import {
  type BatchResultErrorEntry,
  ChangeMessageVisibilityBatchCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  type SendMessageBatchRequestEntry,
  SQSClient,
  type SQSClientConfig,
  type Message as SqsMessage,
} from '@aws-sdk/client-sqs';
import type { MessageAttributes } from '../contracts/attributes.ts';
import type { DeadLetter, Message, Queue } from './runtime/queue.ts';

export type SqsQueueOptions = {
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** Only what the SDK can't find by itself (`AWS_REGION`, `AWS_ENDPOINT_URL` …): the embedded broker's address. */
  client?: SQSClientConfig;
};

/** A consumer's queue and its dead-letter queue on SQS. */
export function createSqsQueue({
  queueUrl,
  deadLetterQueueUrl,
  client: config = {},
}: SqsQueueOptions): Queue & { close: () => void } {
  const client = new SQSClient({ md5: false, ...config });
  return {
    async receive(most, waitSeconds, signal) {
      const command = new ReceiveMessageCommand({
        QueueUrl: queueUrl,
        MaxNumberOfMessages: most,
        WaitTimeSeconds: waitSeconds,
        MessageAttributeNames: ['All'],
        MessageSystemAttributeNames: ['ApproximateReceiveCount'],
      });
      const { Messages = [] } = await client.send(command, { abortSignal: signal });
      return Messages.map(toMessage);
    },
    async remove(messages) {
      const Entries = messages.map(({ receiptHandle }, n) => ({ Id: String(n), ReceiptHandle: receiptHandle }));
      return failures(await client.send(new DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries })));
    },
    async release(entries) {
      const Entries = entries.map(({ message, seconds }, n) => {
        return { Id: String(n), ReceiptHandle: message.receiptHandle, VisibilityTimeout: seconds };
      });
      return failures(await client.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl: queueUrl, Entries })));
    },
    async bury(letters) {
      const failed = await Promise.all(
        inCalls(letters).map(async (entries) => {
          const command = new SendMessageBatchCommand({ QueueUrl: deadLetterQueueUrl, Entries: entries });
          return client.send(command).then(failures, () => entries.map(({ Id }) => Number(Id)));
        }),
      );
      return failed.flat();
    },
    close: () => client.destroy(),
  };
}

function toMessage({ MessageId, ReceiptHandle, Body, MessageAttributes, Attributes }: SqsMessage): Message {
  return {
    messageId: MessageId ?? '',
    receiptHandle: ReceiptHandle ?? '',
    body: Body ?? '',
    attributes: (MessageAttributes ?? {}) as MessageAttributes,
    receiveCount: Number(Attributes?.ApproximateReceiveCount ?? 1),
  };
}

function failures({ Failed = [] }: { Failed?: BatchResultErrorEntry[] | undefined }): number[] {
  return Failed.map(({ Id }) => Number(Id));
}

/** 200 KB a call: with its attributes safely below 256 KiB, which every SQS takes. A larger letter travels alone. */
const CALL_BYTES = 200_000;

function inCalls(letters: readonly DeadLetter[]): SendMessageBatchRequestEntry[][] {
  const calls: SendMessageBatchRequestEntry[][] = [];
  let bytes = Infinity;
  for (const [n, letter] of letters.entries()) {
    const size = Buffer.byteLength(letter.message.body);
    bytes += size;
    if (bytes > CALL_BYTES) {
      calls.push([]);
      bytes = size;
    }
    calls.at(-1)?.push({ Id: String(n), MessageBody: letter.message.body, MessageAttributes: withReason(letter) });
  }
  return calls;
}

/** 10: attributes of one message (Amazon SQS quotas). Those of a ring are six; what is over is dropped. */
const ATTRIBUTES_LIMIT = 10;

function withReason({ message, reason, status, detail }: DeadLetter): MessageAttributes {
  const why: MessageAttributes = {
    reason: { DataType: 'String', StringValue: reason },
    detail: { DataType: 'String', StringValue: printable(detail) },
    attempts: { DataType: 'Number', StringValue: String(message.receiveCount) },
    ...(status !== undefined && { status: { DataType: 'Number', StringValue: String(status) } }),
  };
  const room = ATTRIBUTES_LIMIT - Object.keys(why).length;
  return { ...Object.fromEntries(Object.entries(message.attributes).slice(0, room)), ...why };
}

/** SQS refuses control characters in an attribute, and an empty one. */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]/gu, ' ').slice(0, 500) || '-';
}
