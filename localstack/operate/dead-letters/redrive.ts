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

/** Queues and callbacks for moving or deleting letters. */
export type RedriveOptions = {
  client: BrokerClient;
  queueUrl: string;
  deadLetterQueueUrl: string;
  /** The dead-letter queue, opened as a queue. */
  deadLetters: Pick<Queue, 'receive' | 'remove' | 'release'>;
  onProgress: (moved: number) => void;
  signal: AbortSignal;
  /** True if all letters of the queue are meant: then SQS's own move task may be used. */
  all: boolean;
};

/** The result of a redrive: by SQS's own move task, or by hand in batches. */
export type Redriven = { moved: number; by: 'move task' | 'hand' };

/**
 * Puts dead letters back into their queue, so that the consumer looks again. Uses SQS's own move task if the broker
 * has one and all letters are meant. Otherwise sends each letter, and then deletes it.
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

/** Deletes dead letters for good. Returns their number. */
export function purge(options: RedriveOptions, letters: readonly Letter[]): Promise<number> {
  return settleLetters(options, letters, async (messages) => messages);
}

/** Moves all letters by a move task. Returns their number, or null if the broker has no move tasks. */
async function moveByTask(
  sqs: SQSClient,
  { queueUrl, deadLetterQueueUrl, onProgress, signal }: RedriveOptions,
): Promise<number | null> {
  const [SourceArn, DestinationArn] = await Promise.all([arnOf(sqs, deadLetterQueueUrl), arnOf(sqs, queueUrl)]);
  // SQS knows no source queue of letters that a consumer buried itself, so the destination must be given.
  const started = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn, DestinationArn })).catch(() => null);
  if (started === null) return null;
  for (;;) {
    const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 1 }), {
      abortSignal: signal,
    });
    const [task] = Results;
    onProgress(task?.ApproximateNumberOfMessagesMoved ?? 0);
    if (task?.Status === 'FAILED') throw new Error(`SQS could not move the dead letters: ${task.FailureReason}`);
    if (task !== undefined && task.Status !== 'RUNNING') return task.ApproximateNumberOfMessagesMoved ?? 0;
    await wait(POLL, undefined, { signal });
  }
}

/** Milliseconds between two polls of a move task. SQS moves some hundred letters in that time. */
const POLL = 500;

async function arnOf(sqs: SQSClient, QueueUrl: string): Promise<string | undefined> {
  const ask = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
  return (await sqs.send(ask)).Attributes?.QueueArn;
}

/**
 * Passes on the counted letters, and deletes them from the dead-letter queue. Other letters are held until the end. A
 * letter that fails again and comes back must not be moved a second time.
 */
async function settleLetters(
  { deadLetters, onProgress, signal }: RedriveOptions,
  letters: readonly Letter[],
  passOn: (messages: Message[]) => Promise<Message[]>,
): Promise<number> {
  const meantIds = new Set(letters.map(({ message }) => message.messageId));
  const others: Message[] = [];
  // A message that comes again was seen, or could not be moved.
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

/** Sends messages without their burial attributes. Returns those that were sent. */
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
