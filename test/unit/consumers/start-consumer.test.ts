import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { LogEntry } from '../../../consumers/log.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import type { StartOptions } from '../../../consumers/service/options.ts';
import { startConsumer } from '../../../consumers/service/start-consumer.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { memoryQueue } from '../../support/memory-queue.ts';
import { type SmallView, smallConsumer } from '../../support/small-consumer.ts';
import { memorySource } from '../../support/worker.ts';

type Options = StartOptions<{ name: string }, SmallView>;

/** Ports in memory, and options with them; what a test is about is given. */
function world(given: Partial<Options> = {}) {
  const clock = virtualClock();
  const queue = memoryQueue(clock);
  const source = memorySource(clock);
  const entries: LogEntry[] = [];
  const events: ConsumerEvent[] = [];
  const options: Options = {
    consumer: smallConsumer,
    broker: { queue: queue.queue },
    source,
    store: ':memory:',
    clock,
    follow: false,
    signals: false,
    log: (entry) => void entries.push(entry),
    observe: (event) => void events.push(event),
    ...given,
  };
  const start = async () => {
    const running = await startConsumer(options);
    onTestFinished(() => void Promise.all([running.stop(), clock.advance(10_000)]));
    const stop = async () => (await Promise.all([running.stop(), clock.advance(10_000)]))[0];
    return { ...running, stop };
  };
  return { clock, queue, source, entries, events, options, start };
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-start-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('a consumer that is started by one call', () => {
  test('brings rings to views, tells of each commit, and stops', async () => {
    const rows: unknown[] = [];
    const { clock, queue, source, entries, events, start } = world({ onWritten: (some) => rows.push(...some) });
    source.set('a', 3, 'soup');
    source.set('b', 2, null);
    for (const id of ['a', 'b', 'a']) queue.send(id, 2);
    const running = await start();
    expect(running.health()).toEqual({ isHealthy: true, reason: '' });
    await clock.advance(1_000);
    expect(rows).toEqual([
      { id: 'a', version: 3, view: { title: 'SOUP' } },
      { id: 'b', version: 2, view: null },
    ]);
    expect(queue.size()).toBe(0);
    expect(events.filter(({ kind }) => kind === 'settled')).toHaveLength(3);
    expect(await running.metrics()).toContain('doorbell_settled_total{outcome="applied",consumer="small"} 3');
    expect(running).not.toHaveProperty('address');
    expect(await running.stop()).toBe(true);
    expect(await running.stopped).toBe(true);
    expect(entries).toMatchObject([{ consumer: 'small', kind: 'stopped', clean: true }]);
    expect(entries[0]?.time).toMatch(/^2025-06-15T\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  test('answers health, metrics and views at its address, and nothing is left of it', async () => {
    const { clock, queue, source, entries, start } = world({ http: { port: 0 } });
    source.set('a', 1, 'soup');
    queue.send('a', 1);
    const { address, stop } = await start();
    await clock.advance(1_000);
    const ask = async (path: string) => (await fetch(`${address?.url}${path}`)).text();
    expect(await ask('/healthz')).toBe('{"status":"ok","reason":""}');
    expect(await ask('/metrics')).toContain('doorbell_received_total{consumer="small"} 1');
    expect(await ask('/views/a')).toBe('{"id":"a","version":1,"title":"SOUP"}');
    expect(entries).toMatchObject([{ kind: 'listening', port: address?.port }]);
    await stop();
    await expect(ask('/healthz')).rejects.toThrow();
  });

  test('takes any app for its queries', async () => {
    const queryApi: Options['queryApi'] = (store) => ({
      fetch: async () => new Response(String((await store.scan('', 10)).length)),
    });
    const { address } = await world({ http: { port: 0 }, queryApi }).start();
    expect(await (await fetch(`${address?.url}/count`)).text()).toBe('0');
  });

  test('listens to signals while it runs, unless it is told not to', async () => {
    const before = process.listenerCount('SIGTERM');
    const listening = await world({ signals: true }).start();
    expect(process.listenerCount('SIGTERM')).toBe(before + 1);
    await listening.stop();
    await world({ signals: false }).start();
    expect(process.listenerCount('SIGTERM')).toBe(before);
  });

  test('logs a projection that throws with id, field and stack', async () => {
    const { clock, queue, source, entries, start } = world();
    source.set('a', 1, 'explode');
    queue.send('a', 1);
    await start();
    await clock.advance(1_000);
    expect(entries).toMatchObject([
      { kind: 'buried', reason: 'projection-failed', id: 'a', field: 'name', exception: 'Error: cannot project this' },
    ]);
    expect(entries[0]?.stack).toContain('small-consumer.ts');
  });

  test('runs on when log and listener throw', async () => {
    const failing = () => {
      throw new Error('no room');
    };
    const { clock, queue, source, start } = world({ log: failing, observe: failing });
    source.set('a', 1, 'explode');
    queue.send('a', 1);
    await start();
    await clock.advance(1_000);
    expect(queue.dead).toHaveLength(1);
  });
});

describe('a hook that is told of commits', () => {
  test.each<[string, Options['onWritten'], string]>([
    ['throws', () => JSON.parse('{'), 'SyntaxError: '],
    ['rejects', () => Promise.reject(new Error('no cache')), 'Error: no cache'],
    ['never ends', () => new Promise(() => {}), 'onWritten did not finish within 5000 ms'],
  ])('and that %s loses and blocks no view', async (_, onWritten, reason) => {
    const store = openSqliteViewStore<SmallView>(':memory:');
    onTestFinished(store.close);
    const { clock, queue, source, events, start } = world({ onWritten, store });
    source.set('a', 1, 'soup');
    queue.send('a', 1);
    await start();
    await clock.advance(6_000);
    expect(queue.size()).toBe(0);
    expect(events.filter(({ kind }) => kind === 'hook-failed')).toEqual([
      { kind: 'hook-failed', reason: expect.stringContaining(reason), resources: 1 },
    ]);
    expect(await store.read(['a'])).toEqual([{ id: 'a', version: 1, view: { title: 'SOUP' } }]);
  });

  test('is waited for, and hears of no row that was not written', async () => {
    const told: string[][] = [];
    const { promise, resolve } = Promise.withResolvers<void>();
    const { clock, queue, source, start } = world({
      onWritten(rows) {
        told.push(rows.map(({ id }) => id));
        return promise;
      },
    });
    source.set('a', 2, 'soup');
    queue.send('a', 2);
    await start();
    await clock.advance(1_000);
    expect([told, queue.size()]).toEqual([[['a']], 1]);
    resolve();
    await clock.advance(1_000);
    queue.sendBody('{"id":"a","type":"shop.details-changed"}');
    await clock.advance(1_000);
    expect([told, queue.size()]).toEqual([[['a']], 0]);
  });
});

test('a hook hears of no row that the store refused, because another worker was faster', async () => {
  const told: string[] = [];
  const store = openSqliteViewStore<SmallView>(':memory:');
  onTestFinished(store.close);
  await store.write([{ id: 'a', version: 5, view: { title: 'SOUP' } }]);
  const late = { ...store, versions: async () => new Map<string, number>() };
  const { clock, queue, source, start } = world({
    store: late,
    onWritten: (rows) => told.push(...rows.map(({ id }) => id)),
  });
  for (const id of ['a', 'b']) {
    source.set(id, 5, 'soup');
    queue.send(id, 5);
  }
  await start();
  await clock.advance(1_000);
  expect([told, queue.size()]).toEqual([['b'], 0]);
});

describe('two consumers in one process', () => {
  test('have views of their own, until one has stopped', async () => {
    const store = join(temporaryFolder(), 'views.sqlite');
    const first = await world({ store }).start();
    await expect(world({ store: relative(process.cwd(), store) }).start()).rejects.toThrow(
      new TypeError(
        'startConsumer: store is used by consumer "small" in this process already; give it views of its own',
      ),
    );
    await first.stop();
    await world({ store }).start();
  });

  test('have queues of their own', async () => {
    const { options, start } = world();
    await start();
    await expect(startConsumer(options)).rejects.toThrow('broker is used by consumer "small" in this process already');
  });

  test('leave nothing open when the second can not start', async () => {
    const store = join(temporaryFolder(), 'views.sqlite');
    const { address } = await world({ http: { port: 0 } }).start();
    const http = { port: address?.port ?? 0 };
    await expect(world({ store, http }).start()).rejects.toThrow(`Port ${http.port} is taken`);
    await world({ store }).start();
  });
});

test.each<[string, object]>([
  ['consumer is missing; it must be what defineConsumer returned', { consumer: undefined }],
  ['consumer must be what defineConsumer returned', { consumer: smallConsumer.agreement }],
  ['source is missing; it must be the address of the source', { source: undefined }],
  ['source.url is missing; it must be the URL of the source API', { source: { url: undefined } }],
  ['source.url must be the URL of the source API', { source: { url: 'shops.example' } }],
  ['source.token must be a text', { source: { url: 'http://a', token: 5 } }],
  ['broker is missing; it must be two queues of SQS', { broker: undefined }],
  ['broker.queueUrl is missing; it must be the URL of a queue', { broker: { queueUrl: '' } }],
  ['broker.deadLetterQueueUrl is missing', { broker: { queueUrl: 'http://a/b' } }],
  ['broker.queue must be a Queue', { broker: { queue: {} } }],
  ['store must be the path of an SQLite file, dynamodb:TABLE, or a ViewStore', { store: {} }],
  ['http.port must be a port, 0 to 65535', { http: { port: 'x' } }],
  ['window must be milliseconds, 0 to 2000', { window: 5_000 }],
  ['onWritten must be a function', { onWritten: true }],
  ['there is no option "onWriten"; did you mean "onWritten"?', { onWriten: () => {} }],
  ['there is no option "retries"; there are consumer, source', { retries: 3 }],
])('an option that is wrong is refused in one sentence: %s', async (sentence, given) => {
  const { options } = world();
  const starting = startConsumer({ ...options, ...given } as Options);
  await expect(starting).rejects.toThrow(TypeError);
  await expect(starting).rejects.toThrow(`startConsumer: ${sentence}`);
});

test('an agreement that was made by hand is checked as well', async () => {
  const consumer = { ...smallConsumer, agreement: { ...smallConsumer.agreement, wakesOn: ['Shop Opened'] } };
  await expect(world({ consumer }).start()).rejects.toThrow('agreement "small": wakesOn.0: ');
});
