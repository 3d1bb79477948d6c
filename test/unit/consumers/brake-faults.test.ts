import { expect, test } from 'vitest';
import { readHold } from '../../../consumers/runtime/refresh/hold.ts';
import { brakeWorld } from '../../support/brake-world.ts';

const MINUTE = 60_000;

test('nothing is received until it is known whether the consumer holds', async () => {
  const { start, close, clock, queue, store, ids, view, of } = await brakeWorld();
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
  const { start, close, closed, clock, store, of } = await brakeWorld();
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
  const { start, close, clock, ids, source } = await brakeWorld();
  const worker = start();
  close();
  await clock.advance(MINUTE);
  const looks = source.looks.length;
  const change = { id: ids[299] ?? '', version: 2 };
  const answer = worker.look?.([change], new AbortController().signal);
  await clock.advance(1_000);
  expect([await answer, source.looks.length]).toEqual([[change], looks]);
});
