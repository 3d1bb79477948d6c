import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { listen } from '../../publisher/http/listen.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { systemClock } from '../../publisher/system.ts';
import { temporaryFolder } from '../support/hostile-shell.ts';
import { searchNext, stock } from '../support/product-agreements.ts';
import { seemingSystem } from '../support/run-info.ts';

const FILE = 'test/support/product-agreements.ts';
const rows = [
  { id: 'a', version: 1, state: { title: 'A' } },
  { id: 'b', version: 3, state: { title: 'B' } },
  { id: 'c', version: 2, state: null },
];

/** A source of products, views of a consumer that this repository has never heard of, and a system that runs here. */
async function world(agreement: typeof searchNext | typeof stock.agreement) {
  const routes = sourceRoutes(agreement, {
    read: async (ids: readonly string[]) => rows.filter(({ id }) => ids.includes(id)),
    readPage: async (after: string, limit: number) => rows.filter(({ id }) => id > after).slice(0, limit),
    select: (state: { title: string }) => state,
    tokens: null,
    onFault: () => {},
  } as never);
  const listening = await listen(routes, 0, '127.0.0.1', systemClock);
  onTestFinished(() => listening.close());
  const views = join(temporaryFolder(), 'views.db');
  const store = openSqliteViewStore<{ title: string }>(views);
  onTestFinished(() => store.close());
  const environment = { DOORBELL_SOURCE_URL: `http://127.0.0.1:${listening.port}`, DOORBELL_VIEWS: views };
  const { doorbell } = seemingSystem({});
  const verify = (...args: string[]) => doorbell(environment, 'verify', '--agreements', FILE, ...args);
  return { store, verify, doorbell, environment };
}

test('views of a consumer that a module exports are compared by their contents', async () => {
  const { store, verify, environment } = await world(stock.agreement);
  await store.write([
    { id: 'a', version: 1, view: { title: 'A' } },
    { id: 'b', version: 2, view: { title: 'B' } },
  ]);
  await store.write([{ id: 'c', version: 2, view: null }]);
  const same = await verify('--consumer', 'stock', '--json');
  const { DOORBELL_SOURCE_URL, DOORBELL_VIEWS } = environment;
  expect([same.code, same.stderr]).toEqual([
    0,
    `DOORBELL_SOURCE_URL is set and used: ${DOORBELL_SOURCE_URL}\nDOORBELL_VIEWS is set and used: ${DOORBELL_VIEWS}\n`,
  ]);
  expect(JSON.parse(same.stdout)).toMatchObject({ consumer: 'stock', compared: 'contents', shops: 3, tombstones: 1 });
  await store.write([{ id: 'b', version: 3, view: { title: 'old' } }]);
  const different = await verify('--consumer', 'stock');
  expect(different.code).toBe(1);
  expect(different.stdout).toContain('stock  b  title: source "B", view "old"');
}, 60_000);

test('views whose consumer is elsewhere are compared by their versions, and what is gone needs no tombstone', async () => {
  const { store, verify } = await world(searchNext);
  await store.write([
    { id: 'a', version: 1, view: { title: 'any' } },
    { id: 'b', version: 3, view: { title: 'any' } },
  ]);
  const same = await verify('--consumer', 'search', '--json');
  expect(same).toMatchObject({ code: 0, stderr: expect.stringContaining('! search: only versions are compared.') });
  expect(JSON.parse(same.stdout)).toMatchObject({ compared: 'versions', shops: 2, equal: 2, tombstones: null });
  await store.write([
    { id: 'a', version: 2, view: { title: 'any' } },
    { id: 'd', version: 1, view: { title: 'any' } },
  ]);
  const different = await verify('--consumer', 'search');
  expect(different.stdout).toMatch(/search +3 +1 +- +2 +0\n/);
  expect(different.stdout).toContain(
    'search  a  version: source 1, view 2\nsearch  d  version: source "unknown", view 1',
  );
  expect(different.code).toBe(1);
}, 60_000);

test('an unknown consumer, one of two, and an address without its other half are told', async () => {
  const { doorbell, verify, environment } = await world(searchNext);
  expect(await doorbell({}, 'verify', '--consumer', 'search')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('For another one, give its agreement by --agreem'),
  });
  expect(await verify('--consumer', 'labels')).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--agreements has no agreement of labels, only of search, stock.'),
  });
  expect(await verify()).toMatchObject({ code: 1, stderr: expect.stringContaining('name the consumer') });
  const { DOORBELL_SOURCE_URL } = environment;
  const half = await doorbell({ DOORBELL_SOURCE_URL }, 'verify', '--agreements', FILE, '--consumer', 'stock');
  expect(half).toMatchObject({ code: 1, stderr: expect.stringContaining('DOORBELL_VIEWS: missing; give') });
  expect(await doorbell({}, 'verify', '--agreements', FILE, '--consumer', 'stock')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('No consumer stock runs here. If it runs elsewhere, set DOORBELL_SOURCE'),
  });
}, 60_000);
