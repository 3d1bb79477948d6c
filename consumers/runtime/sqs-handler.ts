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

/** An SQS event as Lambda hands it over (AWS Lambda Developer Guide, "Using Lambda with Amazon SQS"). */
export type SqsEvent = { Records: SqsRecord[] };

/** One message of it. */
export type SqsRecord = {
  messageId: string;
  receiptHandle: string;
  body: string;
  attributes: Record<string, string>;
  /** A binary one has no `stringValue`. */
  messageAttributes: Record<string, { dataType: string; stringValue?: string }>;
};

/** The messages that Lambda must not delete (`ReportBatchItemFailures`). */
export type SqsBatchResponse = { batchItemFailures: { itemIdentifier: string }[] };

/** Facts that Lambda gives about an invocation. */
export type LambdaContext = { getRemainingTimeInMillis: () => number };

/** Dependencies of a handler. Everything outside it is a parameter. */
export type SqsHandlerDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  queue: Pick<Queue, 'release' | 'bury'>;
  source: Pick<SourceClient<Resource>, 'look'>;
  store: ViewStore<View>;
  clock: Clock;
  observe: Observe;
  limits?: Partial<SchedulerLimits & { looks: number; resources: number }>;
};

/** 5,000 resources whose versions are remembered: room for a worker's 100,000 takes 9 ms of a cold start, and a sandbox sees few. */
const KNOWN = 5_000;
/** 2 s of the invocation are kept for handing back what was not finished. */
const RESERVE = 2_000;
/**
 * 3 looks that failed in a row, whatever the invocations they were in: the source is away, and the rest of the event
 * goes back at once. The next event looks at one resource first, for the limiter remembers, too; a worker opens its circuit.
 */
const FAILURES = 3;

/**
 * The consumer as a Lambda handler: one SQS event in, the messages that must come again out. Rings of the event are
 * coalesced and fetched in batches; what can't be looked at now comes again by visibility, later each time, so that a
 * source that is away isn't asked at full speed.
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
    // A queue that doesn't answer must not cost us what is known: Lambda repeats the whole event after a timeout.
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

/** Opens after several failed looks in a row. Nothing probes: the next event looks at one resource first. */
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

/** Lambda deletes what we don't name: acknowledging is saying nothing, and handing back is naming it. */
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

/** Reads a record that may lack parts, so that it does no harm to its neighbours. A body that is none is dead-lettered alone. */
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
