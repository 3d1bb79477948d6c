import type { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { adPart } from '../../../consumers/ad/part.ts';
import { displayPart } from '../../../consumers/display/part.ts';
import { definePart, type Part } from '../../../consumers/part.ts';
import { queryDocument } from '../../../consumers/query/document.ts';
import { createVersionWait } from '../../../consumers/query/min-version.ts';
import { serviceApi } from '../../../consumers/service/service-api.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { examples } from '../../../contracts/documents/shops/examples.ts';
import { answersOf, heldAgainst, operationsOf, routesOf } from '../../support/conformance.ts';
import { hurriedClock } from '../../support/hurried-clock.ts';
import { serviceDeps } from '../../support/service-deps.ts';
import { smallConsumer } from '../../support/small-consumer.ts';

/** A consumer's query API over one open shop and one that has closed, each answer held against its document. */
async function heldQueries<Shop, View>(part: Part<Shop, View>, shop: unknown) {
  const { consumer, indexes, queryApi } = part;
  const store = openSqliteViewStore<View>(':memory:', indexes);
  onTestFinished(() => store.close());
  await store.write([
    { id: 'a', version: 1, view: consumer.project(shop as Shop, 'a') },
    { id: 'gone', version: 2, view: null },
  ]);
  const document = queryDocument(part as unknown as Part);
  const broken = () => Promise.reject(new Error('the store is broken'));
  const queries = queryApi(store);
  const service = (app: Hono, isHealthy: boolean) => {
    const versionWait = createVersionWait({ store, clock: hurriedClock() });
    const health = () => ({ isHealthy, reason: 'slow' });
    const ready = async () => ({ isReady: isHealthy, reason: 'slow' });
    return serviceApi(app, { ...serviceDeps(consumer.agreement.name), health, ready, versionWait });
  };
  const well = service(queries, true);
  const ill = service(queryApi({ ...store, read: broken, query: broken }), false);
  return {
    document,
    routes: [...routesOf(queries), ...routesOf(well)],
    held: heldAgainst(well, document),
    illHeld: heldAgainst(ill, document),
  };
}

const shops = ['/shops', '/shops?province=서울&city=강남구&category=한식&open=true&q=찌개&limit=1', '/shops?limit=0'];
const ones = (path: string) => ['a', 'gone', 'nobody', 'a%20b'].map((id) => `${path}/${id}`);
const candidates = ['', '?near=37.5,127&limit=1', '?near=1,2,3', '?limit=0'].map((query) => `/candidates${query}`);
const ofEveryConsumer = [
  '/problems/resource-gone',
  '/problems/nothing',
  '/healthz',
  '/readyz',
  '/freshness',
  '/metrics',
];

describe.each([
  [
    'display',
    displayPart as unknown as Part,
    examples.displayShop,
    [...shops, ...ones('/shops')],
    ['/shops', '/shops/a'],
  ],
  ['ad', adPart as unknown as Part, examples.adShop, [...candidates, ...ones('/ads')], ['/candidates', '/ads/a']],
  [
    'a consumer that says nothing of queries',
    definePart({ consumer: smallConsumer }) as unknown as Part,
    { name: 'soup' },
    ones('/shops'),
    ['/shops/a'],
  ],
])('the query API of %s and its OpenAPI document', (_, part, shop, paths, broken) => {
  test('name the same operations', async () => {
    const { routes, document } = await heldQueries(part, shop);
    expect([...new Set(routes)].toSorted()).toEqual(operationsOf(document));
  });

  test('agree on every answer, and every documented answer really happens', async () => {
    const { document, held, illHeld } = await heldQueries(part, shop);
    for (const path of [...paths, ...ofEveryConsumer]) await held.app.request(path);
    for (const path of paths) await held.app.request(path, { headers: { 'if-none-match': '*' } });
    for (const path of paths) await held.app.request(path, { headers: { 'min-version': 'a=99' } });
    for (const path of [...broken, '/healthz', '/readyz']) await illHeld.app.request(path);
    expect([...held.faults, ...illHeld.faults]).toEqual([]);
    const seen = new Set([...held.seen, ...illHeld.seen]);
    expect(answersOf(document).filter((answer) => !seen.has(answer))).toEqual([]);
  });
});
