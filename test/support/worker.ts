import type { ConsumerEvent } from '../../consumers/runtime/events.ts';
import type { Look } from '../../consumers/runtime/source-client.ts';
import { type SourceRefused, SourceUnavailable } from '../../consumers/runtime/source-error.ts';
import { openSqliteViewStore } from '../../consumers/runtime/sqlite-view-store.ts';
import { startWorker, type WorkerLimits } from '../../consumers/runtime/worker.ts';
import type { Want } from '../../contracts/source-api.ts';
import { type VirtualClock, virtualClock } from './clock.ts';
import { memoryQueue } from './memory-queue.ts';
import { type SmallView, smallConsumer } from './small-consumer.ts';

type SmallShop = { name: string };

/** A source in memory and in virtual time: what it knows can be changed at any moment, also during a look. */
export function memorySource(clock: VirtualClock) {
  const shops = new Map<string, { version: number; shop: SmallShop | null }>();
  const refused = new Map<string, SourceRefused>();
  const looks: string[][] = [];
  const source = {
    looks,
    /** Milliseconds from the question until the answer is drawn up. */
    delay: 5,
    isAway: false,
    set: (id: string, version: number, name: string | null) =>
      void shops.set(id, { version, shop: name === null ? null : { name } }),
    refuse: (id: string, error: SourceRefused) => void refused.set(id, error),
    async look(wants: readonly Want[], signal: AbortSignal): Promise<Look<SmallShop>[]> {
      looks.push(wants.map(({ id }) => id));
      await clock.sleep(source.delay, signal);
      if (signal.aborted) throw signal.reason;
      if (source.isAway) throw new SourceUnavailable('connection refused');
      return wants.map(answer);
    },
  };

  function answer({ id, minVersion = 0 }: Want): Look<SmallShop> {
    const error = refused.get(id);
    if (error !== undefined) return { kind: 'refused', error };
    const known = shops.get(id);
    if (known === undefined) return { kind: 'missing' };
    if (known.version < minVersion) return { kind: 'behind', version: known.version };
    if (known.shop === null) return { kind: 'gone', version: known.version };
    return { kind: 'found', version: known.version, shop: known.shop };
  }

  return source;
}

/** A worker in a world of its own: queue, source, store and clock are small and real enough. */
export function smallWorld(limits: Partial<WorkerLimits> = {}) {
  const clock = virtualClock();
  const queue = memoryQueue(clock);
  const source = memorySource(clock);
  const store = openSqliteViewStore<SmallView>(':memory:');
  const events: ConsumerEvent[] = [];
  const observe = (event: ConsumerEvent) => void events.push(event);
  const start = () =>
    startWorker({ consumer: smallConsumer, queue: queue.queue, source, store, clock, observe, limits });
  return {
    clock,
    queue,
    source,
    store,
    events,
    start,
    outcomes: () => events.flatMap((event) => (event.kind === 'settled' ? event.outcome : [])),
    count: (kind: ConsumerEvent['kind']) => events.filter((event) => event.kind === kind).length,
    view: async (id: string) => (await store.read([id]))[0],
  };
}
