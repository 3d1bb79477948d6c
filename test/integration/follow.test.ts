import { expect, onTestFinished, test } from 'vitest';
import { displayPart } from '../../consumers/display/part.ts';
import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import type { Queue } from '../../consumers/runtime/queue/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { startConsumer } from '../../consumers/service/start-consumer.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { listen } from '../../publisher/http/listen.ts';
import { publisher, tokens } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** A queue in which nothing ever comes, as of a consumer whose subscription was deleted. */
const silentQueue: Queue = {
  receive: async (_most, _wait, signal) => {
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    throw signal.reason;
  },
  remove: async () => [],
  release: async () => [],
  bury: async () => [],
};

/** The publisher's app on a port, and a consumer of it that hears no bell. */
async function world() {
  const { app, call, register } = await publisher();
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(listening.close);
  const { consumer, indexes, queryApi } = displayPart;
  const store = openSqliteViewStore<never>(':memory:', indexes);
  onTestFinished(store.close);
  const events: ConsumerEvent[] = [];
  const versionOf = async (id: string) => (await store.versions([id])).get(id);
  const start = async (
    follow: { every: number; grace: number } | false = { every: 10, grace: 0 },
    broker: { queue: Queue } | 'feed' = { queue: silentQueue },
  ) => {
    const running = await startConsumer({
      ...{ consumer, store: store as never, follow, queryApi, log: false, signals: false, http: { port: 0 } },
      source: { url: `http://127.0.0.1:${listening.port}`, token: tokens['display'] },
      broker,
      observe: (event) => void events.push(event),
    });
    onTestFinished(async () => void (await running.stop()));
    return running;
  };
  return { call, register, store, events, versionOf, start };
}

test('a consumer without a bell has every shop, and every change of it', async () => {
  const { call, register, store, events, versionOf, start } = await world();
  for (let n = 0; n < 120; n++) await register(`s${n}`);
  const running = await start();
  await until(() => events.some(({ kind }) => kind === 'refilled'));
  expect((await store.scanVersions('', 1_000)).length).toBe(120);
  await call('PATCH', '/shops/s7', { name: '새집' });
  await call('POST', '/shops/s8/close');
  await register('born');
  await until(
    async () => (await versionOf('s7')) === 2 && (await versionOf('s8')) === 2 && (await versionOf('born')) === 1,
  );
  expect((await store.read(['s7', 's8'])).toSorted((a, b) => (a.id < b.id ? -1 : 1))).toMatchObject([
    { id: 's7', version: 2, view: { name: '새집' } },
    { id: 's8', version: 2, view: null },
  ]);
  expect(events.filter(({ kind }) => /fail|lost|no-feed/.test(kind))).toEqual([]);
  expect(await running.metrics()).toMatch(/doorbell_missed_total\{consumer="display"\} [3-9]/);
});

test('who has changed a shop reads the change from the consumer, though no bell has rung', async () => {
  const { call, register, start } = await world();
  await register('a');
  const { address } = await start(false);
  const { body: changed } = await call('PATCH', '/shops/a', { name: '새집' });
  const ask = (headers: Record<string, string>) => fetch(`${address?.url}/shops/a`, { headers });
  expect((await ask({})).status).toBe(404);
  const answer = await ask({ 'min-version': String(changed.version) });
  expect([answer.status, await answer.json()]).toMatchObject([200, { version: 2, name: '새집' }]);
  const list = await fetch(`${address?.url}/shops`, { headers: { 'min-version': `a=${changed.version}` } });
  const tag = list.headers.get('etag') ?? '';
  expect(((await list.json()) as { shops: unknown[] }).shops).toHaveLength(1);
  const again = await fetch(`${address?.url}/shops`, { headers: { 'if-none-match': tag } });
  expect([again.status, await again.text()]).toEqual([304, '']);
});

test('needs no broker at all', async () => {
  const { call, register, versionOf, start } = await world();
  await register('a');
  const running = await start({ every: 1_000, grace: 0 }, 'feed');
  await until(async () => (await versionOf('a')) === 1);
  await call('PATCH', '/shops/a', { name: '새집' });
  await until(async () => (await versionOf('a')) === 2);
  expect(await running.metrics()).not.toMatch(/doorbell_missed_total\{consumer="display"\} [1-9]/);
  expect(await running.stop()).toBe(true);
});

test('does not follow where it is told not to', async () => {
  const { register, store, events, start } = await world();
  await register('a');
  const running = await start(false);
  await running.stop();
  expect([await store.scanVersions('', 10), events.filter(({ kind }) => kind === 'requested')]).toEqual([[], []]);
});
