import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import { resume } from '../../consumers/runtime/refresh/hold.ts';
import type { WorkerLimits } from '../../consumers/runtime/worker.ts';
import { smallWorld } from './worker.ts';

/** A consumer that has views of all resources of its source, which then says of some that they are gone. */
export async function brakeWorld(resources = 300, limits: Partial<WorkerLimits> = {}) {
  const { brake = {} } = limits;
  // As in a store with many views, where the number of all of them sets no limit.
  const small = smallWorld({ ...limits, brake: brake === false ? brake : { most: 100, ...brake } });
  const { source, store, queue, clock, events } = small;
  const ids = Array.from({ length: resources }, (_, n) => `s${String(n).padStart(5, '0')}`);
  for (const id of ids) source.set(id, 1, 'open');
  await store.write(ids.map((id) => ({ id, version: 1, view: { title: 'OPEN' } })));
  const change = (some: readonly string[], version: number, name: string | null) => {
    for (const id of some) {
      source.set(id, version, name);
      queue.send(id, version);
    }
  };
  return {
    ...small,
    ids,
    change,
    /** Lets the source say that these are gone, and rings for each. */
    close: (some: readonly string[] = ids, version = 2) => change(some, version, null),
    closed: async () => (await store.scan('', 100_000)).filter(({ view }) => view === null).length,
    resume: () => resume(store.holds, clock.now()),
    of: <Kind extends ConsumerEvent['kind']>(kind: Kind) =>
      events.filter((event): event is ConsumerEvent & { kind: Kind } => event.kind === kind),
  };
}
