import { expect, test } from 'vitest';
import { openWalker, type Pool } from '../../publisher/postgres/database.ts';
import { checkAll } from '../../publisher/shops/rebuild/check.ts';
import { mendShop } from '../../publisher/shops/rebuild/mend.ts';
import { publisher } from '../support/publisher.ts';

const item = (id: string) => ({ id, name: id, price: 1000, priceNote: null });

/** A shop whose second event was written by the first release, which knew no positions: `{ item }`, schema 1. */
async function shopOfOld() {
  const service = await publisher();
  await service.register('a');
  await service.call('POST', '/shops/a/menu', item('tea'));
  await rewrite(
    service.admin,
    `update shop_events set data = data - 'position', schema = 1 where shop_id = 'a' and version = 2`,
  );
  return service;
}

/** As only a superuser can who puts the trigger to sleep. */
async function rewrite(pool: Pool, statement: string): Promise<void> {
  const client = await pool.connect();
  const work = `set session_replication_role = replica; ${statement}; set session_replication_role = default`;
  await client.query(work).finally(() => client.release());
}

const menuOf = ({ body }: { body: Record<string, unknown> }) => (body.menu as { id: string }[]).map(({ id }) => id);

test('an event is written with the schema of its type', async () => {
  const { pool, call, register } = await publisher();
  await register('a');
  await call('POST', '/shops/a/menu', item('tea'));
  const { rows } = await pool.query('select type, schema, data from shop_events order by version');
  expect(rows).toMatchObject([
    { type: 'shop.registered', schema: 1 },
    { type: 'shop.menu-item-added', schema: 2, data: { position: 1 } },
  ]);
});

test('a shop is what it was at a version and at an instant', async () => {
  const { call } = await shopOfOld();
  await call('DELETE', '/shops/a/menu/tea');
  expect(menuOf(await call('GET', '/shops/a?version=2'))).toEqual(['item_soup', 'tea']);
  const events = (await call('GET', '/shops/a/events')).body.events as unknown as { at: string }[];
  // Events have microseconds, an instant in a query has milliseconds.
  const after = new Date(Date.parse(events[1]?.at ?? '') + 1).toISOString();
  const then = await call('GET', `/shops/a?at=${after}`);
  expect(menuOf(then)).toEqual(then.body.version === 2 ? ['item_soup', 'tea'] : ['item_soup']);
  expect(menuOf(await call('GET', '/shops/a?at=2999-01-01T00:00:00Z'))).toEqual(['item_soup']);
});

test('its history shows the event in the shape of today', async () => {
  const { call } = await shopOfOld();
  expect((await call('GET', '/shops/a/events?after=1')).body.events).toEqual([
    {
      version: 2,
      type: 'shop.menu-item-added',
      data: { item: item('tea'), position: null },
      eventId: expect.any(String),
      at: expect.any(String),
      meta: expect.any(Object),
    },
  ]);
});

test('it is rolled back to that event, and an item comes back to its place', async () => {
  const { call } = await shopOfOld();
  await call('DELETE', '/shops/a/menu/item_soup');
  await call('DELETE', '/shops/a/menu/tea');
  const { body } = await call('POST', '/shops/a/rollback', { toVersion: 2 });
  expect(body.events.map(({ type }) => type)).toEqual(['shop.menu-item-added', 'shop.menu-item-added']);
  expect(menuOf(await call('GET', '/shops/a'))).toEqual(['item_soup', 'tea']);

  await call('DELETE', '/shops/a/menu/item_soup');
  const back = await call('POST', '/shops/a/rollback', { toVersion: 2 });
  expect(back.body.events.map(({ type }) => type)).toEqual(['shop.menu-item-added']);
  expect(menuOf(await call('GET', '/shops/a'))).toEqual(['item_soup', 'tea']);
});

test('a rebuild folds it, and finds the row as it should be', async () => {
  const { admin: pool, adminUrl } = await shopOfOld();
  const client = await openWalker(adminUrl);
  const differences = async () => {
    const all = [];
    for await (const checked of checkAll(client)) all.push(...checked.differences);
    return all;
  };
  expect(await differences()).toEqual([]);
  await pool.query(`update shop set state = jsonb_set(state, '{menu}', '[]')`);
  expect(await mendShop(client, 'a')).toMatchObject({ row: true });
  expect(await differences()).toEqual([]);
  await client.end();
});
