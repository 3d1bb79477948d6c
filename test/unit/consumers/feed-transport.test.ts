import { expect, onTestFinished, test } from 'vitest';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { startWorker } from '../../../consumers/runtime/worker.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { type SmallView, smallConsumer } from '../../support/small-consumer.ts';
import { memorySource } from '../../support/worker.ts';

/** A consumer whose only transport is the feed. */
function world() {
  const clock = virtualClock();
  const source = memorySource(clock);
  const store = openSqliteViewStore<SmallView>(':memory:', {}, { clock });
  const events: ConsumerEvent[] = [];
  const observe = (event: ConsumerEvent) => void events.push(event);
  const start = () =>
    startWorker({ consumer: smallConsumer, queue: 'feed', source, feed: source, store, clock, observe });
  const worker = start();
  let isRunning = true;
  async function stop(): Promise<boolean> {
    isRunning = false;
    const stopped = worker.stop();
    await clock.advance(10_000);
    return stopped;
  }
  onTestFinished(async () => {
    if (isRunning) await stop();
    store.close();
  });
  const kinds = () => new Set(events.map(({ kind }) => kind));
  const kept = async () => JSON.parse((await store.progress.lease('test', 1))?.kept ?? '{}');
  const view = async (id: string) => (await store.read([id]))[0];
  return { clock, source, store, events, kinds, kept, view, worker, start, stop };
}

test('a change is in the view at once, without a queue', async () => {
  const { clock, source, view, events, kinds, worker } = world();
  await clock.advance(15_000);
  source.set('a', 1, 'soup');
  await clock.advance(20);
  expect(await view('a')).toMatchObject({ version: 1, view: { title: 'SOUP' } });
  source.set('a', 2, null);
  await clock.advance(20);
  expect(await view('a')).toEqual({ id: 'a', version: 2, view: null });
  expect(kinds()).not.toContain('missed');
  expect(events.filter(({ kind }) => kind === 'settled')).toHaveLength(2);
  expect(worker.health()).toEqual({ isHealthy: true, reason: '' });
});

test('a quiet source is asked six times a minute, and one that does not hold questions once a second', async () => {
  const { clock, source, events } = world();
  const answers = () => events.filter(({ kind }) => kind === 'followed').length;
  await clock.advance(60_000);
  expect(answers()).toBeLessThan(8);
  const { changes } = source;
  source.changes = ({ wait: _, ...request }, signal) => changes(request, signal);
  await clock.advance(11_000);
  const before = answers();
  await clock.advance(10_000);
  expect(answers() - before).toBeGreaterThan(7);
  expect(answers() - before).toBeLessThan(13);
});

test('a burst is read to its end, and each resource is looked at once', async () => {
  const { clock, source, store } = world();
  await clock.advance(1_000);
  source.looks.length = 0;
  const { changes } = source;
  source.changes = () => new Promise(() => undefined);
  await clock.advance(20_000);
  for (let version = 1; version <= 50; version++) for (let n = 0; n < 100; n++) source.set(`s${n}`, version, 'x');
  source.changes = changes;
  await clock.advance(60_000);
  expect((await store.scanVersions('', 1_000)).every(({ version }) => version === 50)).toBe(true);
  expect(source.looks.flat().length).toBeLessThan(300);
});

test('what can not be a view is kept with its reason, and forgotten when it can', async () => {
  const { clock, source, view, kept, stop, events } = world();
  await clock.advance(1_000);
  source.refuse('a', new SourceRefused('agreement-broken', 200, 'name: expected string'));
  source.set('a', 3, 'bad');
  source.set('b', 1, 'good');
  await clock.advance(1_000);
  expect(await view('b')).toMatchObject({ version: 1 });
  expect(events.filter(({ kind }) => kind === 'buried')).toHaveLength(1);
  source.forgive('a');
  source.set('c', 1, 'next');
  await clock.advance(1_000);
  expect(await stop()).toBe(true);
  const { poison } = await kept();
  const a = { version: 3, reason: 'agreement-broken', status: 200, detail: 'name: expected string' };
  expect(poison).toEqual([['a', { ...a, at: expect.any(Number) }]]);
});

test('poison is healed by a later version, and survives a restart until then', async () => {
  const { clock, source, kept, start, stop } = world();
  await clock.advance(1_000);
  source.refuse('a', new SourceRefused('agreement-broken', 200, 'name: expected string'));
  source.set('a', 3, 'bad');
  await clock.advance(1_000);
  await stop();
  const again = start();
  source.set('b', 1, 'other');
  await clock.advance(1_000);
  source.forgive('a');
  source.set('a', 4, 'good');
  await clock.advance(1_000);
  source.set('b', 2, 'other');
  await clock.advance(1_000);
  const stopped = again.stop();
  await clock.advance(10_000);
  await stopped;
  expect((await kept()).poison).toBeUndefined();
});

test('an outage loses nothing, and a silent feed makes the consumer unhealthy', async () => {
  const { clock, source, view, worker } = world();
  await clock.advance(1_000);
  source.isAway = true;
  source.set('a', 1, 'soup');
  await clock.advance(10 * 60_000);
  expect(worker.health().isHealthy).toBe(false);
  source.isAway = false;
  await clock.advance(60_000);
  expect(await view('a')).toMatchObject({ version: 1 });
  expect(worker.health()).toEqual({ isHealthy: true, reason: '' });
});
