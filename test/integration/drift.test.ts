import { Hono } from 'hono';
import { expect, onTestFinished, test } from 'vitest';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { findDrift } from '../../consumers/runtime/source/drift.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { listen } from '../../publisher/http/listen.ts';
import { publisher, tokens } from '../support/publisher.ts';
import { type BareShop, insertShops } from '../support/shops.ts';

const never = new AbortController().signal;

/** The publisher's app on a port, a client of it, and how often it was called. */
async function served() {
  const { app, pool } = await publisher();
  const calls: string[] = [];
  const counting = new Hono().use((c, next) => {
    calls.push(`${c.req.method} ${c.req.path}`);
    return next();
  });
  const listening = await listen(counting.route('/', app), 0, '127.0.0.1', systemClock);
  onTestFinished(listening.close);
  const url = `http://127.0.0.1:${listening.port}`;
  const source = createSourceClient(displayAgreement, { url, token: tokens['display'], clock: systemClock });
  onTestFinished(() => source.close());
  return { pool, source, calls };
}

function viewsOf(shops: readonly BareShop[]) {
  return shops.map(({ id, version, closed }) => ({ id, version, view: closed ? null : { name: id } }));
}

test('three drifted views among 5,000 shops are found in two calls', async () => {
  const { pool, source, calls } = await served();
  const shops = Array.from({ length: 5_000 }, (_, n) => ({
    id: `shop_${n}`,
    version: 2 + (n % 30),
    closed: n % 10 === 0,
  }));
  await insertShops(pool, shops);
  const store = openSqliteViewStore<unknown>(':memory:');
  onTestFinished(store.close);
  // 17 is a version behind, 4321 was never looked at; the source has never heard of the last.
  const behind = shops.map((shop) => (shop.id === 'shop_17' ? { ...shop, version: shop.version - 1 } : shop));
  await store.write(viewsOf(behind.filter(({ id }) => id !== 'shop_4321')));
  await store.write([{ id: 'shop_elsewhere', version: 1, view: null }]);
  expect(await findDrift({ store, source, clock: systemClock }, never)).toEqual([
    { id: 'shop_17', ours: 18, theirs: 19 },
    { id: 'shop_4321', ours: null, theirs: 3 },
    { id: 'shop_elsewhere', ours: 1, theirs: null },
  ]);
  expect(calls).toEqual(['POST /display/shops/digests', 'POST /display/shops/digests']);
});
