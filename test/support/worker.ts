import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import type { Queue } from '../../consumers/runtime/queue/queue.ts';
import { createSqsHandler, type SqsHandlerDeps } from '../../consumers/runtime/sqs-handler.ts';
import { startWorker, type Worker, type WorkerDeps, type WorkerLimits } from '../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { type VirtualClock, virtualClock } from '../../consumers/testing/clock.ts';
import type { MemoryQueueOptions } from '../../consumers/testing/memory-queue.ts';
import { memorySource as sourceInMemory } from '../../consumers/testing/memory-source.ts';
import { memoryQueue } from './memory-queue.ts';
import { type SmallView, smallAgreement, smallConsumer } from './small-consumer.ts';

type SmallShop = { name: string };

/** A source of shops in memory: a shop is a name, or closed. */
export function memorySource(clock: VirtualClock) {
  const source = sourceInMemory(smallAgreement, clock);
  const { set, gone } = source;
  return Object.assign(source, {
    set: (id: string, version: number, name: string | null) =>
      name === null ? gone(id, version) : set(id, version, { name }),
  });
}

/** What runs a consumer in a test: its parts are the same for both hosts. */
type HostDeps = WorkerDeps<SmallShop, SmallView> & { queue: Queue };
export type Host = (deps: HostDeps) => {
  stop: () => Promise<boolean>;
  health?: Worker['health'];
  look?: Worker['look'];
};

/** A long-lived worker. */
export const workerHost: Host = (deps) => startWorker(deps);

/** Lambda's event source mapping, in a few lines: batches of ten, what fails comes again by its visibility. */
export const lambdaHost: Host = ({ queue, clock, limits = {}, ...deps }) => {
  const stopping = new AbortController();
  const handler = createSqsHandler({ ...deps, queue, clock, limits } as SqsHandlerDeps<SmallShop, SmallView>);
  const poll = async () => {
    while (!stopping.signal.aborted) {
      const messages = await queue.receive(10, 20, stopping.signal).catch(() => []);
      if (messages.length === 0) continue;
      const Records = messages.map((message) => ({
        ...message,
        attributes: { ApproximateReceiveCount: String(message.receiveCount), SentTimestamp: String(message.sentAt) },
        messageAttributes: Object.fromEntries(
          Object.entries(message.attributes).map(([name, { DataType, StringValue = '' }]) => [
            name,
            { dataType: DataType, stringValue: StringValue },
          ]),
        ),
      }));
      const { batchItemFailures } = await handler({ Records }, { getRemainingTimeInMillis: () => 15_000 });
      const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
      await queue.remove(messages.filter(({ messageId }) => !failed.has(messageId)));
    }
  };
  const polls = Promise.all([poll(), poll()]);
  return {
    async stop() {
      stopping.abort();
      await polls;
      return true;
    },
  };
};

/** Wherever a consumer runs. */
export const hosts = [
  { name: 'a worker', host: workerHost },
  { name: 'a Lambda handler', host: lambdaHost },
];

/** A consumer in a world of its own: queue, source, store and clock are small and real enough. */
export function smallWorld(limits: Partial<WorkerLimits> = {}, options: MemoryQueueOptions & { host?: Host } = {}) {
  const { host = workerHost, ...queueOptions } = options;
  const clock = virtualClock();
  const deadLetters = memoryQueue(clock);
  const queue = memoryQueue(clock, { ...queueOptions, deadLetters });
  const source = memorySource(clock);
  const store = openSqliteViewStore<SmallView>(':memory:', {}, { clock });
  const events: ConsumerEvent[] = [];
  const observe = (event: ConsumerEvent) => void events.push(event);
  const deps = {
    consumer: smallConsumer,
    queue: queue.queue,
    deadLetters: deadLetters.queue,
    source,
    store,
    clock,
    observe,
    ...(limits.follow && { feed: source }),
  };
  return {
    clock,
    queue,
    deadLetters,
    source,
    store,
    events,
    start: () => host({ ...deps, limits }),
    outcomes: () => events.flatMap((event) => (event.kind === 'settled' ? event.outcome : [])),
    count: (kind: ConsumerEvent['kind']) => events.filter((event) => event.kind === kind).length,
    view: async (id: string) => (await store.read([id]))[0],
  };
}
