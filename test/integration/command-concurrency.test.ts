import { describe, expect, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import { aShop, publisher } from '../support/publisher.ts';

describe('If-Match', () => {
  test('lets a command pass only at that version, and says which one there is', async () => {
    const { call, register } = await publisher();
    await register('a');
    const change = (version: string) => call('PATCH', '/shops/a', { name: `name ${version}` }, { 'if-match': version });
    expect(await change('"2"')).toMatchObject({ status: 412, body: { code: 'version-conflict', version: 1 } });
    expect((await change('"1"')).status).toBe(200);
    expect((await change('*')).status).toBe(200);
    expect((await change('2')).status).toBe(400);
    expect((await change('W/"3"')).status).toBe(400);
  });

  test('of two at the same version one is refused', async () => {
    const { call, register } = await publisher();
    await register('a');
    const answers = await Promise.all(
      [7000, 8000].map((price) => call('PATCH', '/shops/a/menu/item_soup', { price }, { 'if-match': '"1"' })),
    );
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 412]);
  });
});

describe('Idempotency-Key', () => {
  test('makes a repeated command happen once, with the same answer', async () => {
    const { call, pool } = await publisher();
    const first = await call('POST', '/shops', aShop, { 'idempotency-key': 'k1' });
    const again = await call('POST', '/shops', aShop, { 'idempotency-key': 'k1' });
    expect(again).toMatchObject({ status: 201, body: first.body });
    expect((await pool.query('select count(*)::int as n from shop_events')).rows).toEqual([{ n: 1 }]);
  });

  test('also when it comes twice at once', async () => {
    const { call, register, pool } = await publisher();
    await register('a');
    const pause = () => call('POST', '/shops/a/pause', undefined, { 'idempotency-key': 'k1' });
    const answers = await Promise.all([pause(), pause(), pause()]);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect(answers[0]?.body.events).toHaveLength(1);
    expect((await pool.query('select count(*)::int as n from shop_events')).rows).toEqual([{ n: 2 }]);
  });

  test('with another body is refused', async () => {
    const { call, register } = await publisher();
    await register('a');
    const headers = { 'idempotency-key': 'k1' };
    await call('PATCH', '/shops/a', { name: 'one' }, headers);
    expect(await call('PATCH', '/shops/a', { name: 'two' }, headers)).toMatchObject({
      status: 422,
      body: { code: 'idempotency-key-reused' },
    });
    expect((await call('GET', '/shops/a')).body).toMatchObject({ name: 'one' });
  });

  test('of a command that was refused can be used again', async () => {
    const { call, register } = await publisher();
    const headers = { 'idempotency-key': 'k1' };
    expect((await call('POST', '/shops/a/pause', undefined, headers)).status).toBe(404);
    await register('a');
    expect((await call('POST', '/shops/a/pause', undefined, headers)).status).toBe(200);
  });
});

describe('commands at once', () => {
  test('on one shop never lose one: every price change is an event', async () => {
    const { call, register } = await publisher();
    await register('a');
    const prices = Array.from({ length: 60 }, (_, n) => 7000 + n);
    const answers = await Promise.all(prices.map((price) => call('PATCH', '/shops/a/menu/item_soup', { price })));
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    const { events } = (await call('GET', '/shops/a/events?limit=500')).body;
    expect(events).toHaveLength(61);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, n) => n + 1));
    const { body } = await call('GET', '/shops/a');
    expect(body).toMatchObject({ version: 61, menu: [{ price: 7059 }] });
  });

  test('on one shop through two publishers never lose one either', async () => {
    const first = await publisher();
    await first.register('a');
    const { createApp } = await import('../../publisher/shops/api/app.ts');
    const { systemIds } = await import('../../publisher/ids.ts');
    const { callOn } = await import('../support/publisher.ts');
    const second = createApp({
      pool: first.pool,
      ids: systemIds,
      onCommitted: () => {},
      tokensFor: () => null,
      operatorTokens: null,
      limit: () => true,
      metrics: async () => '',
      onError: () => {},
    });
    const calls = [first.call, callOn(second)];
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, n) => calls[n % 2]?.('PATCH', '/shops/a/menu/item_soup', { price: 7000 + n })),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 80 }, () => 200));
    expect((await first.call('GET', '/shops/a')).body.version).toBe(81);
  });

  test('shops that somebody keeps locked hold up no other, and their commands are answered in time', async () => {
    const { call, register, url } = await publisher();
    for (const id of ['a', 'b', 'c']) await register(id);
    const locker = await openClient(url);
    await locker.query("begin; select 1 from shop where id in ('a', 'b') for update");
    const locked = Promise.all(['a', 'b'].map((id) => call('PATCH', `/shops/${id}`, { name: 'x' })));
    for (let n = 0; n < 20; n++) expect((await call('PATCH', '/shops/c', { name: `n${n}` })).status).toBe(200);
    expect(await locked).toMatchObject([
      { status: 503, body: { code: 'unavailable' } },
      { status: 503, body: { code: 'unavailable' } },
    ]);
    await locker.query('rollback');
    await locker.end();
    expect((await call('PATCH', '/shops/a', { name: 'x' })).status).toBe(200);
  });

  test('a command that fails in a group costs the others nothing', async () => {
    const { call, register } = await publisher();
    await Promise.all(['a', 'b', 'c'].map((id) => register(id)));
    const answers = await Promise.all([
      call('POST', '/shops/a/pause'),
      call('POST', '/shops/nobody/pause'),
      call('POST', '/shops/b/pause', undefined, { 'if-match': '"9"' }),
      call('POST', '/shops/c/pause'),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([200, 404, 412, 200]);
  });
});

describe('an owner', () => {
  test('that changes is an event of each living shop, in one transaction', async () => {
    const { call, register } = await publisher();
    expect((await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'K' })).status).toBe(201);
    for (const id of ['a', 'b', 'c']) await register(id, { ownerId: 'kim' });
    await register('d');
    await call('POST', '/shops/c/close');
    const changed = await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Kim & sons' });
    expect(changed).toMatchObject({ status: 200, body: { id: 'kim', version: 2, shops: 2 } });
    for (const id of ['a', 'b'])
      expect((await call('GET', `/shops/${id}`)).body).toMatchObject({
        version: 2,
        owner: { publicName: 'Kim & sons' },
      });
    expect((await call('GET', '/shops/d')).body.version).toBe(1);
    const same = await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Kim & sons' });
    expect(same.body).toMatchObject({ version: 2, shops: 0 });
  });

  test('of a thousand shops changes all of them in one transaction, in id order', async () => {
    const { call, register, pool } = await publisher();
    await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'K' });
    await register('shop', { ownerId: 'kim' });
    await pool.query(
      `insert into shop (id, version, closed, owner_id, state)
       select 's' || n, version, false, owner_id, state || jsonb_build_object('id', 's' || n)
       from shop, generate_series(1, 999) as n`,
    );
    const changed = await call('PUT', '/owners/kim', { name: 'Kim', publicName: 'Kim & sons' });
    expect(changed.body.shops).toBe(1_000);
    const { rows } = await pool.query<{ shop: string; transaction: string; name: string }>(
      `select shop_id as shop, xmin::text as transaction, data -> 'to' ->> 'publicName' as name
       from shop_events where type = 'shop.owner-changed' order by id`,
    );
    expect(rows.map(({ shop }) => shop)).toEqual(rows.map(({ shop }) => shop).toSorted());
    expect([rows.length, new Set(rows.map(({ transaction }) => transaction)).size]).toEqual([1_000, 1]);
    expect(new Set(rows.map(({ name }) => name))).toEqual(new Set(['Kim & sons']));
  });

  test('that is made known by several requests at once is made known once', async () => {
    const { call } = await publisher();
    const put = (name: string, headers = {}) => call('PUT', '/owners/kim', { name, publicName: 'K' }, headers);
    const same = await Promise.all([1, 2, 3].map(() => put('Kim', { 'idempotency-key': 'k1' })));
    expect(same.map(({ status, body }) => [status, body.version])).toEqual(same.map(() => [201, 1]));
    const others = await Promise.all(['A', 'B', 'C'].map((name) => put(name)));
    expect(others.map(({ body }) => body.version).toSorted()).toEqual([2, 3, 4]);
  });

  test('that nobody knows can own no shop', async () => {
    const { call, register } = await publisher();
    await register('a');
    expect(await call('PUT', '/shops/a/owner', { ownerId: 'nobody' })).toMatchObject({
      status: 404,
      body: { code: 'owner-not-found' },
    });
    expect((await call('POST', '/shops', { ...aShop, ownerId: 'nobody' })).status).toBe(404);
  });
});
