import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { smallWorld } from '../../support/worker.ts';

type World = ReturnType<typeof smallWorld>;

const refusal = new SourceRefused('source-refused', 403, 'the source answers 403');
const SHOPS = ['a', 'b', 'c'];
const id = fc.constantFrom(...SHOPS);

/** What may happen to a consumer, as a name and what it is about. */
const happening = fc.oneof(
  { weight: 4, arbitrary: fc.tuple(fc.constant('changes' as const), id) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rings ahead' as const), id) },
  { weight: 2, arbitrary: fc.tuple(fc.constant('rings without a version' as const), id) },
  fc.tuple(fc.constantFrom('catches up', 'closes', 'refuses', 'forgives', 'asleep', 'malformed'), id),
  fc.tuple(
    fc.constantFrom('source away', 'store broken', 'release broken', 'remove broken', 'bury broken', 'well'),
    id,
  ),
);

/** The versions that the change log has, and those that the source shows: a replica may lag. */
function chaos(world: World) {
  const latest = new Map<string, number>();
  const { queue } = world.queue;
  const { write } = world.store;
  const sound = { release: queue.release, remove: queue.remove, bury: queue.bury };
  // Whoever took hold of a method at the start is broken, too.
  const calls = { ...sound };
  queue.release = (entries) => calls.release(entries);
  queue.remove = (messages) => calls.remove(messages);
  queue.bury = (letters) => calls.bury(letters);
  const next = (resource: string) => {
    latest.set(resource, (latest.get(resource) ?? 0) + 1);
    return latest.get(resource) ?? 0;
  };
  const show = (resource: string, name: string | null) => world.source.set(resource, latest.get(resource) ?? 1, name);
  const lost = async (entries: readonly unknown[]) => entries.map((_, n) => n);
  const well = () => {
    world.source.isAway = false;
    world.source.delay = 5;
    world.store.write = write;
    Object.assign(calls, sound);
  };
  const acts: Record<string, (resource: string) => void> = {
    changes: (resource) => {
      world.queue.send(resource, next(resource));
      show(resource, `v${latest.get(resource)}`);
    },
    'rings ahead': (resource) => world.queue.send(resource, next(resource)),
    'rings without a version': (resource) => world.queue.sendBody(`{"id":"${resource}","type":"shop.registered"}`),
    'catches up': (resource) => show(resource, 'caught up'),
    closes: (resource) => {
      world.queue.send(resource, next(resource), 'shop.closed');
      show(resource, null);
    },
    refuses: (resource) => world.source.refuse(resource, refusal),
    forgives: (resource) => world.source.forgive(resource),
    asleep: (resource) => world.queue.send(resource, 1, 'resource.moved-abroad'),
    malformed: () => world.queue.sendBody('hello'),
    slow: () => {
      world.source.delay = 1_000;
    },
    slower: () => {
      world.source.delay = 20_000;
    },
    'leases lost': () => {
      calls.release = lost;
    },
    'source away': () => {
      world.source.isAway = true;
    },
    'store broken': () => {
      world.store.write = () => Promise.reject(new Error('disk full'));
    },
    'release broken': () => {
      calls.release = () => Promise.reject(new Error('reset'));
    },
    'remove broken': () => {
      calls.remove = lost;
    },
    'bury broken': () => {
      calls.bury = lost;
    },
    well,
  };
  const end = () => {
    well();
    for (const resource of SHOPS) {
      world.source.forgive(resource);
      next(resource);
      show(resource, 'at the end');
      world.queue.send(resource, latest.get(resource));
    }
  };
  return { act: (name: string, resource: string) => acts[name]?.(resource), end, latest };
}

/** The receipt of what left our hands by this event; null if nothing did. */
function leftBy(event: ConsumerEvent): string | null {
  if (event.kind === 'settled') return event.ring.message.receiptHandle;
  if (event.kind === 'returned' || event.kind === 'lease-lost') return event.message.receiptHandle;
  return event.kind === 'buried' ? event.letter.message.receiptHandle : null;
}

function watchReceipts({ queue: { queue } }: World): string[] {
  const receipts: string[] = [];
  const { receive } = queue;
  queue.receive = async (...each) => {
    const messages = await receive(...each);
    receipts.push(...messages.map(({ receiptHandle }) => receiptHandle));
    return messages;
  };
  return receipts;
}

/** How much is taken in hand; no lease ends by itself, so that what is forgotten stays in hand for ever. */
const limits = fc.record({
  inHand: fc.integer({ min: 1, max: 40 }),
  looks: fc.constantFrom(1, 4),
  resources: fc.constantFrom(1, 100),
  window: fc.constantFrom(0, 25),
  leaseCap: fc.constant(1e9),
});

const plan = fc.array(fc.tuple(happening, fc.constantFrom(0, 10, 100, 800, 3_000)), { minLength: 5, maxLength: 40 });

test('whatever happens, every message that is received leaves exactly once, no view goes back, and all are right at the end', async () => {
  await fc.assert(
    fc.asyncProperty(plan, limits, async (happenings, limits) => {
      const world = smallWorld(limits);
      const receipts = watchReceipts(world);
      const { act, end, latest } = chaos(world);
      const worker = world.start();
      const seen = new Map<string, number>();
      for (const [[name, resource], pause] of happenings) {
        act(name, resource);
        await world.clock.advance(pause);
        for (const [each, version] of await world.store.versions(SHOPS)) {
          expect(version).toBeGreaterThanOrEqual(seen.get(each) ?? 0);
          seen.set(each, version);
        }
      }
      end();
      // An hour: what was handed back in an outage comes again within minutes.
      await world.clock.advance(3_600_000);
      expect(Object.fromEntries(await world.store.versions(SHOPS))).toEqual(Object.fromEntries(latest));
      expect(world.queue.size()).toBe(0);
      expect(await Promise.all([worker.stop(), world.clock.advance(10_000)])).toEqual([true, undefined]);
      const left = world.events.flatMap((event) => leftBy(event) ?? []);
      expect(left.toSorted()).toEqual(receipts.toSorted());
    }),
    { numRuns: 60, seed: 13 },
  );
});
