import { expect, test } from 'vitest';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { readHold, resume } from '../../../consumers/runtime/refresh/hold.ts';
import type { WorkerLimits } from '../../../consumers/runtime/worker.ts';
import { smallWorld } from '../../support/worker.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A consumer that has views of all resources of its source, which then says of some that they are gone. */
async function world(resources = 300, limits: Partial<WorkerLimits> = {}) {
  const small = smallWorld(limits);
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

test('a source that says of everybody that it is gone closes fewer than a hundred views, and loses no ring', async () => {
  const { start, close, closed, clock, of, queue, source, store, resume } = await world();
  const worker = start();
  close();
  await clock.advance(MINUTE);
  const before = await closed();
  expect(before).toBeLessThan(100);
  expect([of('held').length, queue.size()]).toEqual([1, 300 - before]);
  expect(worker.health?.()).toEqual({
    isHealthy: true,
    reason: expect.stringMatching(/^held: 1\d\d of 1\d\d views .* such as s.*doorbell resume --consumer small$/),
  });
  const looks = source.looks.length;
  await clock.advance(24 * HOUR);
  expect([await closed(), queue.size(), source.looks.length]).toEqual([before, 300 - before, looks]);
  expect(readHold(await store.holds.read())).toMatchObject({ closings: expect.any(Number), ids: expect.any(Array) });
  expect(await resume()).toMatchObject({ since: expect.any(Number) });
  await clock.advance(10 * MINUTE);
  expect([await closed(), queue.size(), of('resumed').length, of('held').length]).toEqual([300, 0, 1, 1]);
  expect(worker.health?.()).toEqual({ isHealthy: true, reason: '' });
  expect(of('store-failed')).toEqual([]);
});

test('a source that was mended before the operator resumes has closed little, and all rings are answered', async () => {
  const { start, close, change, closed, clock, queue, ids, resume } = await world();
  start();
  close();
  await clock.advance(MINUTE);
  change(ids, 3, 'open again');
  await resume();
  await clock.advance(10 * MINUTE);
  expect([await closed(), queue.size()]).toEqual([0, 0]);
});

test('what is held is held after a restart, and by every worker of the consumer', async () => {
  const { start, close, closed, clock, of, queue, source, ids, resume } = await world();
  const first = start();
  close(ids.slice(0, 150));
  await clock.advance(MINUTE);
  const stopped = first.stop();
  await clock.advance(10_000);
  await stopped;
  const [looks, before] = [source.looks.length, await closed()];
  start();
  start();
  close(ids.slice(150));
  await clock.advance(HOUR);
  expect([of('held').length, source.looks.length, await closed()]).toEqual([3, looks, before]);
  await resume();
  await clock.advance(10 * MINUTE);
  expect([await closed(), queue.size(), of('resumed').length]).toEqual([300, 0, 2]);
});

test('a worker that runs holds half a minute after another one of its consumer', async () => {
  const { start, change, clock, of, queue, store, ids } = await world();
  start();
  await clock.advance(MINUTE);
  await store.holds.keep(JSON.stringify({ since: 1, closings: 100, looks: 120, ids: ['a'], closed: ['b'] }));
  await clock.advance(31_000);
  change(ids, 2, 'new');
  await clock.advance(MINUTE);
  expect([of('held').map(({ looks }) => looks), queue.size()]).toEqual([[120], 300]);
});

test('thirty closings among a thousand looks hold nothing, nor do ninety at once', async () => {
  const { start, close, change, closed, clock, of, ids } = await world(1_200);
  start();
  for (let n = 0; n < 1_000; n += 100) {
    change(ids.slice(n + 3, n + 100), 2, 'new');
    close(ids.slice(n, n + 3));
    await clock.advance(30_000);
  }
  await clock.advance(HOUR);
  close(ids.slice(1_000, 1_090));
  await clock.advance(MINUTE);
  expect([await closed(), of('held').length]).toEqual([120, 0]);
});

test('as many closings as other looks hold nothing, and an hour of good looks hides no broken source', async () => {
  const { start, close, change, closed, clock, of, ids } = await world(6_000);
  start();
  for (let n = 0; n < 400; n += 4) {
    close(ids.slice(n, n + 2));
    change(ids.slice(n + 2, n + 4), 2, 'new');
    await clock.advance(1_000);
  }
  expect([await closed(), of('held').length]).toEqual([200, 0]);
  await clock.advance(HOUR);
  change(ids.slice(400, 5_000), 2, 'new');
  await clock.advance(MINUTE);
  close(ids.slice(5_000));
  await clock.advance(MINUTE);
  expect(await closed()).toBeLessThan(300);
  expect(of('held')).toHaveLength(1);
});

test('closings over many hours, and those of resources without a view, hold nothing', async () => {
  const { start, close, closed, clock, of, ids } = await world();
  start();
  close(Array.from({ length: 300 }, (_, n) => `unknown${n}`));
  await clock.advance(MINUTE);
  for (const id of ids) {
    close([id]);
    await clock.advance(10_000);
  }
  expect([await closed(), of('held').length]).toEqual([600, 0]);
});

test('after a resume nothing is held for an hour, and later on it is again', async () => {
  const { start, close, change, closed, clock, of, ids, resume } = await world();
  start();
  close();
  await clock.advance(MINUTE);
  await resume();
  await clock.advance(30 * MINUTE);
  change(ids, 3, 'again');
  await clock.advance(MINUTE);
  close(ids, 4);
  await clock.advance(MINUTE);
  expect([await closed(), of('held').length]).toEqual([300, 1]);
  change(ids, 5, 'again');
  await clock.advance(2 * HOUR);
  close(ids, 6);
  await clock.advance(MINUTE);
  expect(await closed()).toBeLessThan(100);
  expect(of('held')).toHaveLength(2);
});

test('limits can be lower, and there may be no brake', async () => {
  const low = await world(60, { brake: { least: 20, share: 0.1 } });
  low.start();
  low.close();
  await low.clock.advance(MINUTE);
  expect(await low.closed()).toBeLessThan(20);
  for (const brake of [false, { share: 1 }] as const) {
    const none = await world(300, { brake });
    none.start();
    none.close();
    await none.clock.advance(MINUTE);
    expect([await none.closed(), none.of('held')]).toEqual([300, []]);
  }
});

test('changes of the feed and pages of a refill are held, too, and nothing of them is passed over', async () => {
  for (const isFresh of [true, false]) {
    const { start, source, closed, clock, of, ids, resume } = await world(300, { follow: {} });
    if (!isFresh) {
      start();
      await clock.advance(1_000);
      expect(of('refilled')).toHaveLength(1);
    }
    for (const id of ids) source.set(id, 2, null);
    if (isFresh) start();
    await clock.advance(24 * HOUR);
    expect(await closed()).toBeLessThan(100);
    expect(of('held')).toHaveLength(1);
    await resume();
    await clock.advance(5 * MINUTE);
    expect(await closed()).toBe(300);
    expect(of('refilled')).toHaveLength(1);
  }
});

test('nothing is received until it is known whether the consumer holds', async () => {
  const { start, close, clock, queue, store, ids, view, of } = await world();
  const { read } = store.holds;
  store.holds.read = async () => {
    throw new Error('the disk is away');
  };
  const worker = start();
  close(ids.slice(0, 1));
  await clock.advance(MINUTE);
  expect([queue.size(), worker.health?.()]).toEqual([
    1,
    { isHealthy: false, reason: 'the views can not be read: the disk is away' },
  ]);
  expect(of('store-failed').length).toBeGreaterThan(5);
  store.holds.read = read;
  await clock.advance(10_000);
  expect([queue.size(), await view(ids[0] ?? '')]).toEqual([0, { id: ids[0], version: 2, view: null }]);
});

test('a hold that can not be written is written later, and one that was lost with its store is written again', async () => {
  const { start, close, closed, clock, store, of } = await world();
  const { keep } = store.holds;
  let failures = 3;
  store.holds.keep = async (text) => {
    if (failures-- > 0) throw new Error('the disk is full');
    await keep(text);
  };
  start();
  close();
  await clock.advance(3_000);
  expect([of('held').length, await store.holds.read()]).toEqual([1, null]);
  await clock.advance(MINUTE);
  expect(readHold(await store.holds.read())?.resumed).toBeUndefined();
  await keep('what another release wrote');
  await clock.advance(MINUTE);
  expect(readHold(await store.holds.read())).toMatchObject({ since: expect.any(Number) });
  expect([of('held').length, (await closed()) < 100]).toEqual([1, true]);
});

test('a reader who asks for a version is told that it can not be shown while the consumer holds', async () => {
  const { start, close, clock, ids } = await world();
  const worker = start();
  close();
  await clock.advance(MINUTE);
  const change = { id: ids[299] ?? '', version: 2 };
  const answer = worker.look?.([change], new AbortController().signal);
  await clock.advance(1_000);
  expect(await answer).toEqual([change]);
});
