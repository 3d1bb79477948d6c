import type { MessageAttributes } from '../../contracts/wire/attributes.ts';
import { assemble, type Breaker } from './assemble.ts';
import type { Consumer } from './define-consumer.ts';
import { guarded, type Observe } from './queue/events.ts';
import type { Message, Queue } from './queue/queue.ts';
import { createSemaphore } from './queue/semaphore.ts';
import { createSettle, type Settling } from './queue/settle.ts';
import type { CircuitListener } from './refresh/circuits.ts';
import { createKnownVersions } from './refresh/known-versions.ts';
import { createLimiter } from './refresh/limiter.ts';
import type { SchedulerLimits } from './refresh/scheduler.ts';
import type { SourceClient } from './source/client.ts';
import { type Clock, isDoneWithin } from './system.ts';
import type { ViewStore } from './views/view-store.ts';

/** An SQS event as Lambda passes it (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export type SqsEvent = { Records: SqsRecord[] };

/** One message of an SQS event. */
export type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  /** A binary attribute has no `stringValue`. */
  messageAttributes: Record<string, { dataType: string; stringValue?: string }>;
};

/** The messages that Lambda must not delete (`ReportBatchItemFailures`). */
export type SqsBatchResponse = { batchItemFailures: { itemIdentifier: string }[] };

/** The context of an invocation, as Lambda passes it. */
export type LambdaContext = { getRemainingTimeInMillis: () => number };

/** Dependencies of a handler: everything outside it is a parameter. */
export type SqsHandlerDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  queue: Pick<Queue, 'release' | 'bury'>;
  source: Pick<SourceClient<Resource>, 'look'>;
  store: ViewStore<View>;
  clock: Clock;
  observe: Observe;
  limits?: Partial<SchedulerLimits & { looks: number; resources: number }>;
};

/**
 * 5,000 resources whose versions are remembered: a worker's 100,000 would take 9 ms of a cold start, and a sandbox sees
 * few resources.
 */
const KNOWN = 5_000;
/** 2 s of the invocation are kept for giving back unfinished messages. */
const RESERVE = 2_000;
/**
 * 3 failed looks in a row, over several invocations too: the source is away, and the rest of the event is given back at
 * once. The next event starts with one resource, because the limiter is kept as well. A worker opens its circuit
 * instead.
 */
const FAILURES = 3;

/**
 * Makes the consumer's Lambda handler. It takes one SQS event and returns the messages that must come again. Rings of
 * the event are merged and fetched in batches. Messages that can't be handled now come again after their visibility
 * timeout, which grows each time, so that a source that is away isn't asked at full speed.
 */
export function createSqsHandler<Resource, View>(input: SqsHandlerDeps<Resource, View>) {
  const deps = { ...input, observe: guarded(input.observe) };
  const { clock, limits } = deps;
  const [limiter, known] = [createLimiter(limits), createKnownVersions(KNOWN)];
  const tally = { failures: 0 };

  async function refreshAll(messages: readonly Message[], ms: number): Promise<Set<string>> {
    const failed = new Set<string>();
    const settle = createSettle(lambdaQueue(deps.queue, failed), clock, deps.observe, 0);
    const semaphore = createSemaphore(messages.length);
    await semaphore.reserve(messages.length, NEVER);
    const breaker = countingBreaker(tally);
    const looking = { settle, semaphore, limiter, known, limits, breaker, outageDelay: { backoff: 0 } };
    const { take, scheduler, inHand } = assemble({ ...deps, ...looking });
    const cancel = clock.after(Math.max(0, ms - RESERVE), () => {
      scheduler.close();
      scheduler.abort(new Error('the invocation is nearly over'));
    });
    take(messages);
    // A queue that doesn't answer must not cost the results known so far: after a timeout Lambda repeats the whole
    // event.
    await isDoneWithin(clock, Math.max(0, ms - RESERVE / 2), semaphore.empty());
    cancel();
    for (const { messageId } of inHand.all()) failed.add(messageId);
    return failed;
  }

  return async (event: SqsEvent, context: LambdaContext): Promise<SqsBatchResponse> => {
    if (!Array.isArray(event?.Records)) throw new TypeError('This is no event of SQS: it has no Records.');
    const messages = event.Records.map(toMessage);
    if (messages.length === 0) return { batchItemFailures: [] };
    const failed = await refreshAll(messages, context.getRemainingTimeInMillis());
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  };
}

const NEVER = new AbortController().signal;

/**
 * Makes a breaker that opens after several failed looks in a row. It makes no probes: the next event starts with one
 * resource.
 */
function countingBreaker(tally: { failures: number }): Breaker {
  const listeners: CircuitListener[] = [];
  return {
    succeeded() {
      tally.failures = 0;
    },
    failed(error) {
      if (++tally.failures < FAILURES) return;
      for (const { opened } of listeners) opened(error);
    },
    listen: (listener) => void listeners.push(listener),
  };
}

/**
 * Lambda deletes all messages that the answer doesn't name. So acknowledging names nothing, and giving a message back
 * names it.
 */
function lambdaQueue({ release, bury }: Pick<Queue, 'release' | 'bury'>, failed: Set<string>): Settling {
  return {
    remove: async () => [],
    release(entries) {
      for (const { message } of entries) failed.add(message.messageId);
      return release(entries);
    },
    bury,
  };
}

type Incomplete = Pick<SqsRecord, 'messageId' | 'receiptHandle'> & {
  [Name in 'body' | 'attributes' | 'messageAttributes']?: SqsRecord[Name] | null;
};

/** Reads a record that may lack parts, so that its neighbours are handled. An invalid body is dead-lettered alone. */
function toMessage({ messageId, receiptHandle, body, attributes, messageAttributes }: Incomplete): Message {
  const written = Object.entries(messageAttributes ?? {}).map(([name, { dataType, stringValue }]) => [
    name,
    { DataType: dataType, ...(stringValue !== undefined && { StringValue: stringValue }) },
  ]);
  return {
    messageId,
    receiptHandle,
    body: body ?? '',
    attributes: Object.fromEntries(written) as MessageAttributes,
    receiveCount: Number(attributes?.ApproximateReceiveCount ?? 1),
    sentAt: Number(attributes?.SentTimestamp ?? 0),
  };
}
