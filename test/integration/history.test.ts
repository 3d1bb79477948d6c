import { describe, expect, test } from 'vitest';
import { publisher } from '../support/publisher.ts';

type Service = Awaited<ReturnType<typeof publisher>>;

/** A shop whose price was raised so often that there are snapshots of it. */
async function shopWithHistory(changes: number): Promise<Service> {
  const service = await publisher();
  await service.register('a');
  for (let n = 1; n <= changes; n++) await service.call('PATCH', '/shops/a/menu/item_soup', { price: 6000 + n });
  return service;
}

const priceOf = ({ body }: { body: Record<string, unknown> }) => (body.menu as { price: number }[])[0]?.price;

describe('a shop as it was', () => {
  test('can be read at every version', async () => {
    const { call } = await shopWithHistory(210);
    for (const version of [1, 2, 99, 100, 101, 200, 210, 211]) {
      const past = await call('GET', `/shops/a?version=${version}`);
      expect([past.body.version, priceOf(past)]).toEqual([version, 5999 + version]);
      expect(past.headers.get('etag')).toBeNull();
    }
  });

  test('folds at most a hundred events on a snapshot, however many there are', async () => {
    const { pool } = await shopWithHistory(210);
    // As old as the event behind it: who asks for the moment before must not find it.
    const { rows } = await pool.query(
      'select version, state from shop_snapshot join shop_events using (shop_id, version, at) order by version',
    );
    expect(rows.map(({ version, state }) => [version, state.menu[0].price])).toEqual([
      [100, 6099],
      [200, 6199],
    ]);
  });

  test('is the fold of few events also where there are a hundred thousand', async () => {
    const { call, admin } = await shopWithHistory(210);
    await admin.query(`
      insert into shop_events (shop_id, version, event_id, type, data, meta)
      select 'a', 211 + n, gen_random_uuid(), 'shop.menu-item-price-changed',
             jsonb_build_object('itemId', 'item_soup', 'from', jsonb_build_object('price', 0, 'priceNote', null),
                                'to', jsonb_build_object('price', 6210 + n, 'priceNote', null)), '{"actor":"test","command":"changeMenuItem"}'
      from generate_series(1, 100000) as n`);
    await admin.query(`
      insert into shop_snapshot (shop_id, version, state)
      select 'a', v, jsonb_set(state, '{menu,0,price}', to_jsonb(5999 + v)) from shop, generate_series(300, 100200, 100) as v`);
    const read = async () => {
      const { rows } = await admin.query<{ rows: number }>(
        `select (idx_tup_fetch + seq_tup_read)::int as rows from pg_stat_user_tables where relname = 'shop_events'`,
      );
      return rows[0]?.rows ?? 0;
    };
    const before = await read();
    for (const version of [211, 50_050, 99_999]) {
      const past = await call('GET', `/shops/a?version=${version}`);
      expect([past.body.version, priceOf(past)]).toEqual([version, 5999 + version]);
    }
    expect((await read()) - before).toBeLessThan(1_000);
  });

  test('can be read at an instant', async () => {
    const { call } = await shopWithHistory(205);
    const { events } = (await call('GET', '/shops/a/events?after=98&limit=500')).body as unknown as {
      events: { version: number; at: string }[];
    };
    for (const { version, at } of events) {
      const past = await call('GET', `/shops/a?at=${encodeURIComponent(at)}`);
      // Events have microseconds, an instant in a query has milliseconds.
      expect(past.status).toBe(200);
      expect(past.body.version).toBeLessThanOrEqual(version);
      expect(past.body.version).toBeGreaterThanOrEqual(version - 3);
      expect(priceOf(past)).toBe(5999 + past.body.version);
    }
    expect((await call('GET', '/shops/a?at=2999-01-01T00:00:00%2B09:00')).body.version).toBe(206);
  });

  test.each([
    ['?version=9', 404, 'version-not-found'],
    ['?at=2001-01-01T00:00:00Z', 404, 'version-not-found'],
    ['?version=0', 422, 'invalid-request'],
    ['?version=', 422, 'invalid-request'],
    ['?version=1&at=2001-01-01T00:00:00Z', 400, 'malformed-request'],
    ['?at=yesterday', 422, 'invalid-request'],
  ])('%s is answered by %s', async (query, status, code) => {
    const { call, register } = await publisher();
    await register('a');
    expect(await call('GET', `/shops/a${query}`)).toMatchObject({ status, body: { code } });
    expect((await call('GET', `/shops/b?version=1`)).body.code).toBe('resource-not-found');
  });
});

test.each([
  ['"1"', '', 304],
  ['W/"1"', '', 304],
  ['"0", "1"', '', 304],
  ['*', '', 304],
  ['"2"', '', 200],
  ['"1"', '?version=1', 200],
])('a shop that an operator has, as If-None-Match: %s says, is read%s by %s', async (header, query, status) => {
  const { call, register } = await publisher();
  await register('a');
  const answer = await call('GET', `/shops/a${query}`, undefined, { 'if-none-match': header });
  expect([answer.status, answer.headers.get('etag')]).toEqual([status, query === '' ? '"1"' : null]);
});

describe('a rollback', () => {
  test('makes the shop what it was by events of its own, which say what they are for', async () => {
    const { call, commits } = await shopWithHistory(3);
    await call('PUT', '/shops/a/hours', { hours: null });
    const before = commits();
    const { status, body, headers } = await call('POST', '/shops/a/rollback', { toVersion: 2 });
    expect([status, headers.get('etag')]).toEqual([200, '"7"']);
    expect(body.events.map(({ type }) => type)).toEqual(['shop.hours-changed', 'shop.menu-item-price-changed']);
    expect(commits()).toBe(before + 1);
    const [now, past] = [await call('GET', '/shops/a'), await call('GET', '/shops/a?version=2')];
    expect({ ...now.body, version: 2 }).toEqual(past.body);
    const history = await call('GET', '/shops/a/events?after=5');
    expect(history.body.events).toMatchObject([
      { version: 6, meta: { command: 'rollBack', toVersion: 2 } },
      { version: 7, meta: { command: 'rollBack', toVersion: 2 } },
    ]);
  });

  test('reaches across a close', async () => {
    const { call } = await shopWithHistory(1);
    await call('POST', '/shops/a/close');
    const { body } = await call('POST', '/shops/a/rollback', { toVersion: 1 });
    expect(body.events.map(({ type }) => type)).toEqual(['shop.registered']);
    const now = await call('GET', '/shops/a');
    expect([now.body.version, now.body.openness, priceOf(now)]).toEqual([4, 'open', 6000]);
  });

  test('gives a shop back to its owner under the names of today', async () => {
    const { call, register } = await publisher();
    await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Before' });
    await register('a', { ownerId: 'kim' });
    await call('PUT', '/shops/a/owner', { ownerId: null });
    await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'After' });
    await call('POST', '/shops/a/rollback', { toVersion: 1 });
    expect((await call('GET', '/shops/a')).body.owner).toEqual({ id: 'kim', name: 'Kim', publicName: 'After' });
  });

  test('to what the shop is already does nothing', async () => {
    const { call } = await shopWithHistory(1);
    const { status, body } = await call('POST', '/shops/a/rollback', { toVersion: 2 });
    expect([status, body.version, body.events]).toEqual([200, 2, []]);
  });

  test('is done once for one Idempotency-Key, and heeds If-Match', async () => {
    const { call } = await shopWithHistory(2);
    const key = { 'idempotency-key': 'back' };
    const first = await call('POST', '/shops/a/rollback', { toVersion: 1 }, key);
    await call('PATCH', '/shops/a/menu/item_soup', { price: 1 });
    expect((await call('POST', '/shops/a/rollback', { toVersion: 1 }, key)).body).toEqual(first.body);
    expect((await call('POST', '/shops/a/rollback', { toVersion: 1 }, { 'if-match': '"1"' })).status).toBe(412);
    expect(priceOf(await call('GET', '/shops/a'))).toBe(1);
  });

  test.each([
    ['a', { toVersion: 9 }, 404, 'version-not-found'],
    ['b', { toVersion: 1 }, 404, 'resource-not-found'],
    ['a', { toVersion: 0 }, 422, 'invalid-request'],
    ['a', {}, 422, 'invalid-request'],
  ])('of shop %s with %o is refused', async (id, body, status, code) => {
    const { call, register } = await publisher();
    await register('a');
    expect(await call('POST', `/shops/${id}/rollback`, body)).toMatchObject({ status, body: { code } });
  });
});
