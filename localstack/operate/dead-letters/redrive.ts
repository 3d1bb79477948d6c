import { setTimeout as wait } from 'node:timers/promises';
import { inCalls } from '../../../consumers/brokers/sqs/bury.ts';
import type { Message, Queue } from '../../../consumers/runtime/queue/queue.ts';
import {
  GetQueueAttributesCommand,
  ListMessageMoveTasksCommand,
  openSqsClient,
  SendMessageBatchCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '../../infrastructure/aws.ts';
import type { BrokerClient } from '../../infrastructure/provision.ts';
import { chunksOf } from '../chunks.ts';
import { BURIAL_ATTRIBUTES } from './burial-attributes.ts';
import type { Letter } from './letters.ts';

/** What moving letters needs. */
export type RedriveOptions = {
  client: BrokerClient;
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** The dead-letter queue, as a queue of its own. */
  deadLetters: Pick<Queue, 'receive' | 'remove' | 'release'>;
  onProgress: (moved: number) => void;
  signal: AbortSignal;
  /** Whether these are all there are: then SQS's own task may move them. */
  all: boolean;
};

/** Who moved the letters: SQS's own task, or we, one batch after the other. */
export type Redriven = { moved: number; by: 'move task' | 'hand' };

/**
 * Puts these dead letters back into their queue: the consumer looks again. SQS's own move task does it where the broker has
 * one and all letters are meant; otherwise each is sent, and deleted when it was.
 */
export async function redrive(options: RedriveOptions, letters: readonly Letter[]): Promise<Redriven> {
  const sqs = openSqsClient(options.client);
  try {
    const moved = options.all ? await moveByTask(sqs, options) : null;
    if (moved !== null) return { moved, by: 'move task' };
    const resend = (messages: Message[]) => send(sqs, options.queueUrl, messages);
    return { moved: await settleLetters(options, letters, resend), by: 'hand' };
  } finally {
    sqs.destroy();
  }
}

/** Deletes these dead letters for good; gives back how many. */
export function purge(options: RedriveOptions, letters: readonly Letter[]): Promise<number> {
  return settleLetters(options, letters, async (messages) => messages);
}

/** The moved count, or null where the broker has no move task. */
async function moveByTask(
  sqs: SQSClient,
  { queueUrl, deadLetterQueueUrl, onProgress, signal }: RedriveOptions,
): Promise<number | null> {
  const [SourceArn, DestinationArn] = await Promise.all([arnOf(sqs, deadLetterQueueUrl), arnOf(sqs, queueUrl)]);
  // A letter that we buried ourselves has no source that SQS knows of: without a destination its task would fail.
  const started = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn })).catch(() => null);
  if (started === null) return null;
  for (;;) {
    const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }), {
      abortSignal: signal,
    });
    const [task] = Results;
    onProgress(task?.ApproximateNumberOfMessagesMoved ?? 0);
    if (task?.Status === 'FAILED') throw new Error(`SQS could not move the letters: ${task.FailureReason}`);
    if (task !== undefined && task.Status !== 'RUNNING') return task.ApproximateNumberOfMessagesMoved ?? 0;
    await wait(POLL, undefined, { signal });
  }
}

/** Milliseconds between two looks at a move task: SQS moves some hundred letters meanwhile. */
const POLL = 500;

async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string | undefined> {
  const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return (await sqs.send(ask)).Attributes?.QueueArn;
}

/**
 * Passes on the letters that were counted, and deletes them here. Others are held until the end: one that comes back
 * because it failed again must not be moved again.
 */
async function settleLetters(
  { deadLetters, onProgress, signal }: RedriveOptions,
  letters: readonly Letter[],
  passOn: (messages: Message[]) => Promise<Message[]>,
): Promise<number> {
  const meantIds = new Set(letters.map(({ message }) => message.messageId));
  const others: Message[] = [];
  // What comes twice has been seen, or could not be moved: there are no others.
  const seen = new Set<string>();
  let moved = 0;
  while (moved < meantIds.size && !signal.aborted) {
    const messages = (await deadLetters.receive(10, 1, signal)).filter(({ messageId }) => !seen.has(messageId));
    if (messages.length === 0) break;
    for (const { messageId } of messages) seen.add(messageId);
    const meant = messages.filter(({ messageId }) => meantIds.has(messageId));
    others.push(...messages.filter((message) => !meant.includes(message)));
    if (meant.length === 0) continue;
    const passed = await passOn(meant);
    moved += passed.length - (await deadLetters.remove(passed)).length;
    onProgress(moved);
  }
  for (const some of chunksOf(others, 10)) await deadLetters.release(some.map((message) => ({ message, seconds: 0 })));
  return moved;
}

/** Gives back the messages that were sent. */
async function send(sqs: SQSClient, QueueUrl: string, messages: Message[]): Promise<Message[]> {
  const Entries = messages.map(({ body, attributes }, n) => ({
    Id: String(n),
    MessageBody: body,
    MessageAttributes: Object.fromEntries(
      Object.entries(attributes).filter(([name]) => !BURIAL_ATTRIBUTES.includes(name)),
    ),
  }));
  const sent = new Set<number>();
  for (const some of inCalls(Entries)) {
    const { Successful = [] } = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries: some }));
    for (const { Id } of Successful) sent.add(Number(Id));
  }
  return messages.filter((_, n) => sent.has(n));
}
