import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import type { Look } from '../../consumers/runtime/source/client.ts';
import { type SourceRefused, SourceUnavailable } from '../../consumers/runtime/source/errors.ts';
import { createSqsHandler, type SqsHandlerDeps } from '../../consumers/runtime/sqs-handler.ts';
import { startWorker, type Worker, type WorkerDeps, type WorkerLimits } from '../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import type { Want } from '../../contracts/wire/source-api.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { memoryQueue, type QueueOptions } from './memory-queue.ts';
import { type SmallView, smallConsumer } from './small-consumer.ts';

type SmallShop = { name: string };

/** A source in memory and in virtual time: what it knows can be changed at any moment, also during a look. */
export function memorySource(clock: VirtualClock) {
  const resources = new Map<string, { version: number; resource: SmallShop | null }>();
  const refused = new Map<string, SourceRefused>();
  const failing = new Set<string>();
  const looks: string[][] = [];
  const source = {
    looks,
    /** Milliseconds from the question until the answer is drawn up. */
    delay: 5,
    isAway: false,
    set: (id: string, version: number, name: string | null) =>
      void resources.set(id, { version, resource: name === null ? null : { name } }),
    refuse: (id: string, error: SourceRefused) => void refused.set(id, error),
    forgive: (id: string) => void refused.delete(id),
    /** A resource the source can't show: 500 for it alone, and an entry of its own among others. */
    fail: (id: string) => void failing.add(id),
    mend: (id: string) => void failing.delete(id),
    async look(wants: readonly Want[], signal: AbortSignal): Promise<Look<SmallShop>[]> {
      looks.push(wants.map(({ id }) => id));
      await clock.sleep(source.delay, signal);
      if (signal.aborted) throw signal.reason;
      if (source.isAway) throw new SourceUnavailable('connection refused');
      if (wants.length === 1 && failing.has(wants[0]?.id ?? ''))
        throw new SourceUnavailable('the source answers 500', { status: 500 });

      return wants.map(answer);
    },
  };

  function answer({ id, minVersion = 0, have = 0 }: Want): Look<SmallShop> {
    const error = refused.get(id);
    if (error !== undefined) return { kind: 'refused', error };
    if (failing.has(id)) return { kind: 'failed', reason: 'the source can not show this resource' };
    const known = resources.get(id);
    if (known === undefined) return { kind: 'missing' };
    const { version, resource } = known;
    if (version < minVersion) return { kind: 'behind', version };
    if (resource === null) return { kind: 'gone', version };
    return version === have ? { kind: 'unchanged', version } : { kind: 'found', version, resource };
  }

  return source;
}

/** What runs a consumer in a test: its parts are the same for both hosts. */
type HostDeps = WorkerDeps<SmallShop, SmallView>;
export type Host = (deps: HostDeps) => { stop: () => Promise<boolean>; health?: Worker['health'] };

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
export function smallWorld(limits: Partial<WorkerLimits> = {}, options: QueueOptions & { host?: Host } = {}) {
  const { host = workerHost, ...queueOptions } = options;
  const clock = virtualClock();
  const queue = memoryQueue(clock, queueOptions);
  const deadLetters = memoryQueue(clock);
  const bury = queue.queue.bury;
  queue.queue.bury = async (letters) => {
    for (const { message, version } of letters) {
      const known = version === undefined ? {} : { version: { DataType: 'Number', StringValue: String(version) } };
      deadLetters.sendBody(message.body, { ...message.attributes, ...known });
    }
    return bury(letters);
  };
  const source = memorySource(clock);
  const store = openSqliteViewStore<SmallView>(':memory:');
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
