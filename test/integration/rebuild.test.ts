import { expect, onTestFinished, test } from 'vitest';
import { systemIds } from '../../publisher/ids.ts';
import { openWalker } from '../../publisher/postgres/database.ts';
import type { Shop } from '../../publisher/shops/domain/shop.ts';
import { checkAll, type StoredDifference } from '../../publisher/shops/rebuild/check.ts';
import { mendShop } from '../../publisher/shops/rebuild/mend.ts';
import { append, loadShop } from '../../publisher/shops/store/event-store.ts';
import { publisher } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

async function world() {
  const service = await publisher();
  const session = async () => {
    const client = await openWalker(service.adminUrl);
    onTestFinished(() => client.end().catch(() => undefined));
    return client;
  };
  const client = await session();
  async function check() {
    const sum = { events: 0, shops: 0, snapshots: 0, differences: [] as StoredDifference[] };
    await client.query('begin isolation level repeatable read read only');
    for await (const { events, shops, snapshots, differences } of checkAll(client)) {
      sum.events += events;
      sum.shops += shops;
      sum.snapshots += snapshots;
      sum.differences.push(...differences);
    }
    await client.query('commit');
    return sum;
  }
  const price = (shop: string, price: number) => service.call('PATCH', `/shops/${shop}/menu/item_soup`, { price });
  const raise = async (shop: string, times: number) => {
    for (let n = 1; n <= times; n++) await price(shop, 6000 + n);
  };
  const rows = async () => (await service.admin.query('select * from shop order by id')).rows;
  return { ...service, client, session, check, price, raise, rows, mend: (shop: string) => mendShop(client, shop) };
}

/** A shop of every kind: with an owner whose name changed, closed, registered anew, rolled back, with snapshots. */
async function allKinds() {
  const here = await world();
  const { call, register, raise } = here;
  await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Before' });
  await register('owned', { ownerId: 'kim' });
  await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'After' });
  await register('closed');
  await call('POST', '/shops/closed/close');
  await register('again');
  await call('POST', '/shops/again/close');
  await register('again');
  await register('long');
  await raise('long', 205);
  await call('POST', '/shops/long/rollback', { toVersion: 3 });
  return here;
}

test('everything stored is the fold of the events, whatever happened, owners and all', async () => {
  const { check } = await allKinds();
  expect(await check()).toEqual({ events: 214, shops: 4, snapshots: 2, differences: [] });
});

test.each([
  ["update shop set state = jsonb_set(state, '{menu,0,price}', '1') where id = 'long'", 'shop', 'state.menu.0.price'],
  ["update shop set version = 9 where id = 'long'", 'shop', 'version'],
  ["update shop set closed = true where id = 'long'", 'shop', 'closed'],
  ["update shop set owner_id = 'kim' where id = 'long'", 'shop', 'owner_id'],
  ["update shop set state = state - 'hours' where id = 'long'", 'shop', 'state.hours'],
  ["delete from shop where id = 'long'", 'shop', ''],
  [
    "update shop_snapshot set state = jsonb_set(state, '{name}', '\"x\"') where version = 200",
    'snapshot',
    'state.name',
  ],
  ["insert into shop_snapshot (shop_id, version, state) values ('long', 999, '{}')", 'snapshot', ''],
])('%s is found as a difference in the %s at %s, and mended', async (statement, where, field) => {
  const { check, admin: pool, mend, rows } = await allKinds();
  const before = await rows();
  await pool.query(statement);
  const { differences } = await check();
  expect(differences).toHaveLength(1);
  expect(differences[0]).toMatchObject({ shop: 'long', where, field });
  const mended = await mend('long');
  expect(mended).toMatchObject({ row: where === 'shop', left: [] });
  expect((await check()).differences).toEqual([]);
  expect(await rows()).toEqual(before);
});

test('what is right is not written', async () => {
  const { mend, admin: pool } = await allKinds();
  const writes = async () => (await pool.query('select xmin::text, id from shop order by id')).rows;
  const before = await writes();
  expect(await mend('long')).toEqual({ shop: 'long', row: false, snapshots: [], left: [] });
  expect(await mend('nobody')).toEqual({ shop: 'nobody', row: false, snapshots: [], left: [] });
  expect(await writes()).toEqual(before);
});

test('thousands of events of one shop, and thousands of shops, are folded page by page', async () => {
  const { admin: pool, check } = await world();
  const state = (id: string, hours: string) => ({ id, openness: 'open', hours, menu: [], owner: null });
  await pool.query(
    `insert into shop_events (shop_id, version, event_id, type, data)
     select 'long', n, gen_random_uuid(), case n when 1 then 'shop.registered' else 'shop.hours-changed' end,
            case n when 1 then $1::jsonb else jsonb_build_object('from', null, 'to', n::text) end
     from generate_series(1, 2500) as n`,
    [{ shop: state('long', '1'), previous: null }],
  );
  await pool.query("insert into shop values ('long', 2500, false, null, $1)", [state('long', '2500')]);
  await pool.query(
    `insert into shop_events (shop_id, version, event_id, type, data)
     select 's' || n, 1, gen_random_uuid(), 'shop.registered', jsonb_build_object('shop', $1::jsonb, 'previous', null)
     from generate_series(1, 2500) as n`,
    [state('s', '1')],
  );
  await pool.query("insert into shop select 's' || n, 1, false, null, $1 from generate_series(1, 2500) as n", [
    state('s', '1'),
  ]);
  expect(await check()).toEqual({ events: 5_000, shops: 2_501, snapshots: 0, differences: [] });
});

test('a row without events and events without a beginning are told, and left as they are', async () => {
  const { admin: pool, check, mend } = await world();
  await pool.query("insert into shop values ('ghost', 1, false, null, '{}')");
  await pool.query(`insert into shop_events (shop_id, version, event_id, type, data)
    values ('odd', 1, gen_random_uuid(), 'shop.opened', '{}'), ('holed', 2, gen_random_uuid(), 'shop.opened', '{}')`);
  const { differences } = await check();
  expect(differences.map(({ shop, where, found }) => [shop, where, found])).toEqual([
    ['holed', 'events', 'event 1 is missing'],
    ['odd', 'events', 'event 1: shop.opened before shop.registered'],
    ['ghost', 'shop', 'is there'],
  ]);
  for (const shop of ['ghost', 'odd', 'holed'])
    expect(await mend(shop)).toMatchObject({ row: false, left: [{ shop }] });
  expect((await check()).differences).toEqual(differences);
});

test('rows and snapshots without events are all told, also where there are thousands', async () => {
  const { admin: pool, check } = await world();
  await pool.query("insert into shop select 'ghost' || n, 1, false, null, '{}' from generate_series(1, 1500) as n");
  await pool.query(`insert into shop_snapshot (shop_id, version, state)
    select 'ghost' || n % 3, n, '{}' from generate_series(1, 2500) as n`);
  const { differences } = await check();
  expect(differences).toHaveLength(4_000);
  expect(new Set(differences.map(({ shop, version }) => `${shop} ${version}`)).size).toBe(4_000);
});

test('an event of a newer schema is a fault of its shop, and all others are compared', async () => {
  const { admin: pool, register, check, mend } = await world();
  for (const id of ['a', 'b', 'c']) await register(id);
  await pool.query(`insert into shop_events (shop_id, version, event_id, type, data, schema)
    values ('b', 2, gen_random_uuid(), 'shop.opened', '{}', 9)`);
  await pool.query("update shop set version = 7 where id = 'c'");
  const { events, shops, differences } = await check();
  expect({ events, shops }).toEqual({ events: 4, shops: 3 });
  expect(differences).toEqual([
    expect.objectContaining({
      shop: 'b',
      where: 'events',
      version: 2,
      found: 'event 2: shop.opened has schema 9, and this release knows 1: start a newer release.',
    }),
    expect.objectContaining({ shop: 'c', where: 'shop', field: 'version' }),
  ]);
  expect(await mend('b')).toMatchObject({ row: false, left: [{ shop: 'b', where: 'events' }] });
});

test('a command that is about to commit is waited for, and its change is in what is written', async () => {
  const { admin: pool, register, mend, session, check } = await world();
  await register('a');
  await pool.query(`update shop set state = jsonb_set(state, '{menu,0,price}', '1')`);
  const command = await session();
  await command.query('begin');
  const shop = (await loadShop(command, 'a', true))?.shop as Shop;
  const meta = { actor: 'operator', command: 'changeHours' };
  const data = { from: shop.hours, to: null };
  const event = { type: 'shop.hours-changed' as const, data, version: 2, eventId: systemIds.event(), meta };
  await append(command, [{ from: 1, events: [event], to: { ...shop, hours: null } }], []);
  const mending = mend('a');
  await until(async () => {
    const { rows } = await pool.query("select from pg_stat_activity where wait_event_type = 'Lock'");
    return rows.length > 0;
  });
  await command.query('commit');
  expect(await mending).toMatchObject({ row: true });
  expect(await check()).toMatchObject({ events: 2, differences: [] });
});

test('what happens while it compares is no difference', async () => {
  const { client, register, price } = await world();
  for (const id of ['a', 'b']) await register(id);
  await client.query('begin isolation level repeatable read read only');
  await client.query('select from shop limit 1');
  for (const id of ['a', 'b']) await price(id, 9000);
  for await (const { differences } of checkAll(client)) expect(differences).toEqual([]);
  await client.query('commit');
});
