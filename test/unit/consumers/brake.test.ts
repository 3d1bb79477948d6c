import { expect, test } from 'vitest';
import { readHold } from '../../../consumers/runtime/refresh/hold.ts';
import { brakeWorld } from '../../support/brake-world.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('a source that says of everybody that it is gone closes fewer than a hundred views, and loses no ring', async () => {
  const { start, close, closed, clock, of, queue, source, store, resume } = await brakeWorld();
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
  expect(of('not-receiving')).toEqual([]);
  expect(readHold(await store.holds.read())).toMatchObject({ closings: expect.any(Number), ids: expect.any(Array) });
  await resume();
  await clock.advance(10 * MINUTE);
  expect([await closed(), queue.size(), of('resumed').length, of('held').length]).toEqual([300, 0, 1, 1]);
  expect(worker.health?.()).toEqual({ isHealthy: true, reason: '' });
  expect(of('store-failed')).toEqual([]);
});

test('a source that was mended before the operator resumes has closed little, and all rings are answered', async () => {
  const { start, close, change, closed, clock, queue, ids, resume } = await brakeWorld();
  start();
  close();
  await clock.advance(MINUTE);
  change(ids, 3, 'open again');
  await resume();
  await clock.advance(10 * MINUTE);
  expect([await closed(), queue.size()]).toEqual([0, 0]);
});

test('what is held is held after a restart, and by every worker of the consumer', async () => {
  const { start, close, closed, clock, of, queue, source, ids, resume } = await brakeWorld();
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
  const { start, change, clock, of, queue, store, ids } = await brakeWorld();
  start();
  await clock.advance(MINUTE);
  await store.holds.keep(JSON.stringify({ since: 1, closings: 100, looks: 120, ids: ['a'], closed: ['b'] }));
  await clock.advance(31_000);
  change(ids, 2, 'new');
  await clock.advance(MINUTE);
  expect([of('held').map(({ looks }) => looks), queue.size()]).toEqual([[120], 300]);
});

test('thirty closings among a thousand looks hold nothing, nor do ninety at once', async () => {
  const { start, close, change, closed, clock, of, ids } = await brakeWorld(1_200);
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
  const { start, close, change, closed, clock, of, ids } = await brakeWorld(6_000);
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

test('closings over many hours, and those of resources without an open view, hold nothing', async () => {
  const { start, close, closed, clock, of, ids, view } = await brakeWorld();
  start();
  close(Array.from({ length: 300 }, (_, n) => `unknown${n}`));
  await clock.advance(MINUTE);
  for (const id of ids) {
    close([id]);
    await clock.advance(10_000);
  }
  close(ids, 3);
  await clock.advance(MINUTE);
  expect([await closed(), of('held').length, (await view(ids[7] ?? ''))?.version]).toEqual([600, 0, 3]);
});

test('after a resume nothing is held for an hour, and later on it is again', async () => {
  const { start, close, change, closed, clock, of, ids, resume } = await brakeWorld();
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
  const low = await brakeWorld(60, { brake: { least: 20, share: 0.1 } });
  low.start();
  low.close();
  await low.clock.advance(MINUTE);
  expect(await low.closed()).toBeLessThan(20);
  for (const brake of [false, { share: 1 }] as const) {
    const none = await brakeWorld(300, { brake });
    none.start();
    none.close();
    await none.clock.advance(MINUTE);
    expect([await none.closed(), none.of('held')]).toEqual([300, []]);
  }
});

test('changes of the feed and pages of a refill are held, too, and nothing of them is passed over', async () => {
  for (const isFresh of [true, false]) {
    const { start, source, closed, clock, of, ids, resume } = await brakeWorld(300, { follow: {} });
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

test('a clean-up that closes a third of all views holds nothing, and a source that closes all is held at half', async () => {
  const { start, close, closed, clock, of, ids } = await brakeWorld(1_000, { brake: { most: 5_000 } });
  start();
  close(ids.slice(0, 330));
  await clock.advance(MINUTE);
  expect([await closed(), of('held')]).toEqual([330, []]);
  await clock.advance(HOUR);
  close(ids.slice(330));
  await clock.advance(MINUTE);
  expect(of('held')).toHaveLength(1);
  expect(await closed()).toBeLessThanOrEqual(330 + 500);
});

test('a store that can not count its views is held by the share of the latest looks alone', async () => {
  const { start, close, closed, clock, of, store } = await brakeWorld(1_000, { brake: { most: 5_000 } });
  Object.assign(store, { count: undefined });
  start();
  close();
  await clock.advance(MINUTE);
  expect([of('held').length, (await closed()) < 100]).toEqual([1, true]);
});
