import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { viewApi } from '../../../consumers/query/app.ts';
import { createVersionWait, minVersion } from '../../../consumers/query/min-version.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { smallWorld } from '../../support/worker.ts';

/** A consumer with a query API, in virtual time; `ask` lets two seconds and a half pass meanwhile. */
function world({ isRunning = true } = {}) {
  const { clock, source, store, queue, start } = smallWorld({ follow: { every: 3_600_000 } });
  const worker = isRunning ? start() : null;
  const versionWait = createVersionWait({ store, clock, ...(worker?.look && { look: worker.look }) });
  const app = new Hono().use(minVersion(versionWait)).route('/', viewApi(store));
  async function ask(path: string, header: string) {
    const began = clock.now();
    let ms = Number.NaN;
    const answered = (async () => app.request(path, { headers: { 'min-version': header } }))().then((response) => {
      ms = clock.now() - began;
      return response;
    });
    await clock.advance(2_500);
    const { status, headers } = await answered;
    return { status, retryAfter: headers.get('retry-after'), body: await (await answered).json(), ms };
  }
  return { clock, source, store, queue, ask };
}

describe('a query with Min-Version', () => {
  test('is answered at once where the view is as new', async () => {
    const { store, ask } = world();
    await store.write([{ id: 'a', version: 3, view: { title: 'A' } }]);
    expect(await ask('/shops/a', '3')).toMatchObject({ status: 200, body: { version: 3 }, ms: 0 });
  });

  test('waits for the ring that is on its way', async () => {
    const { source, queue, clock, ask } = world();
    await clock.advance(1_000);
    source.set('a', 1, 'soup');
    clock.after(50, () => queue.send('a', 1));
    const { status, ms } = await ask('/shops/a', '1');
    expect(status).toBe(200);
    expect(ms).toBeGreaterThan(50);
    expect(ms).toBeLessThan(150);
    expect(source.looks).toEqual([['a']]);
  });

  test('looks at once where no ring comes', async () => {
    const { source, store, clock, ask } = world();
    await clock.advance(1_000);
    await store.write([{ id: 'a', version: 1, view: { title: 'OLD' } }]);
    source.set('a', 2, 'new');
    expect(await ask('/shops/a', '2')).toMatchObject({ status: 200, body: { version: 2, title: 'NEW' } });
    expect(source.looks).toEqual([['a']]);
  });

  test('says after two seconds that the view is not there, and asks the source no more than once a second', async () => {
    const { source, clock, ask } = world();
    source.set('a', 1, 'soup');
    await clock.advance(1_000);
    const answers = await Promise.all([ask('/shops/a', '9'), ask('/shops/a', '9'), ask('/shops/a', '9')]);
    for (const { status, retryAfter, body, ms } of answers) {
      expect({ status, retryAfter, body }).toMatchObject({
        status: 503,
        retryAfter: '1',
        body: { code: 'behind', version: 1 },
      });
      expect(ms).toBeGreaterThanOrEqual(2_000);
      expect(ms).toBeLessThan(2_300);
    }
    // Each look asks a source that is behind a few times by itself.
    expect(source.looks.length).toBeLessThan(20);
  });

  test('waits for each resource that it names, on any path', async () => {
    const { source, clock, ask } = world();
    await clock.advance(1_000);
    for (const id of ['a', 'b', 'shop:c']) source.set(id, 2, id);
    expect((await ask('/shops/a', ' b=2, shop:c = 2')).status).toBe(404);
    expect(source.looks.flat().toSorted()).toEqual(['b', 'shop:c']);
    expect(await ask('/shops/a', 'a=1, b=3')).toMatchObject({ status: 503, body: { version: 2 } });
  });

  test('without a worker waits for another process to write the view', async () => {
    const { store, clock, ask } = world({ isRunning: false });
    clock.after(700, () => void store.write([{ id: 'a', version: 1, view: { title: 'A' } }]));
    const { status, ms } = await ask('/shops/a', '1');
    expect([status, ms < 1_000]).toEqual([200, true]);
  });

  test.each([
    '',
    'x',
    '0',
    '-1',
    '1.5',
    'a',
    'a=',
    '=3',
    'a=b',
    'a=1,',
    'a=1;b=2',
    'a/b=1',
    '9'.repeat(20),
    'a=1=2',
    'a=1e3',
    'a=0x10',
    'a=0b1',
  ])('of %j is refused', async (header) => {
    const { ask } = world({ isRunning: false });
    expect(await ask('/shops/a', header)).toMatchObject({ status: 422, body: { code: 'invalid-request' } });
  });

  test('is refused for a number on a list, and for more than a hundred resources', async () => {
    const { ask } = world({ isRunning: false });
    const many = Array.from({ length: 101 }, (_, n) => `s${n}=1`).join();
    for (const [path, header] of [
      ['/shops', '3'],
      ['/shops/a', many],
    ] as const)
      expect(await ask(path, header)).toMatchObject({ status: 422 });
  });

  test('is answered 500 where the store is broken, and not for ever', async () => {
    const store = openSqliteViewStore<never>(':memory:');
    onTestFinished(store.close);
    const clock = world({ isRunning: false }).clock;
    const broken = { versions: () => Promise.reject(new Error('disk I/O error')) };
    const app = new Hono().use(minVersion(createVersionWait({ store: broken, clock }))).route('/', viewApi(store));
    expect((await app.request('/shops/a', { headers: { 'min-version': '1' } })).status).toBe(500);
  });
});
