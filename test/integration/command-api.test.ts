import { describe, expect, test } from 'vitest';
import { aShop, publisher } from '../support/publisher.ts';

const problem = 'application/problem+json';

describe('a command', () => {
  test('answers with its events and the version after it', async () => {
    const { call, commits } = await publisher();
    const registered = await call('POST', '/shops', aShop);
    expect(registered).toMatchObject({
      status: 201,
      body: { version: 1, events: [{ type: 'shop.registered', version: 1 }] },
    });
    const { id } = registered.body;
    expect(id).toMatch(/^shop_[0-9a-f]{16}$/);
    expect(registered.headers.get('location')).toBe(`/shops/${id}`);
    expect(registered.headers.get('etag')).toBe('"1"');
    const changed = await call('PATCH', `/shops/${id}/menu/item_soup`, { price: 7000 });
    expect(changed.body).toMatchObject({
      id,
      version: 2,
      events: [{ type: 'shop.menu-item-price-changed', version: 2 }],
    });
    expect((await call('GET', `/shops/${id}`)).body).toMatchObject({ version: 2, menu: [{ price: 7000 }] });
    expect(commits()).toBe(2);
  });

  test('that changes nothing appends nothing and rings nobody', async () => {
    const { call, register, commits } = await publisher();
    await register('a');
    expect(await call('PATCH', '/shops/a/menu/item_soup', { price: 6000 })).toMatchObject({
      status: 200,
      body: { version: 1, events: [] },
    });
    expect(commits()).toBe(1);
  });

  test('every one of them works', async () => {
    const { call, register } = await publisher();
    await register('a');
    await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
    const steps: [string, string, unknown?][] = [
      ['PATCH', '/shops/a', { name: '새집', delivery: true }],
      ['PUT', '/shops/a/hours', { hours: '24시간' }],
      ['POST', '/shops/a/pause'],
      ['POST', '/shops/a/open'],
      ['POST', '/shops/a/menu', { name: '차', price: null, priceNote: '시가' }],
      ['PATCH', '/shops/a/menu/item_soup', { name: '된장찌개', price: 7000 }],
      ['DELETE', '/shops/a/menu/item_soup'],
      ['PUT', '/shops/a/owner', { ownerId: 'kim' }],
      ['PUT', '/shops/a/owner', { ownerId: null }],
      ['POST', '/shops/a/close'],
      ['POST', '/shops', { ...aShop, id: 'a' }],
    ];
    for (const [method, path, body] of steps) expect((await call(method, path, body)).status).toBeLessThan(300);
    const { events } = (await call('GET', '/shops/a/events')).body;
    expect(events.map(({ type }) => type.replace('shop.', ''))).toEqual([
      'registered',
      'details-changed',
      'hours-changed',
      'paused',
      'opened',
      'menu-item-added',
      'menu-item-changed',
      'menu-item-price-changed',
      'menu-item-removed',
      'owner-changed',
      'owner-changed',
      'closed',
      'registered',
    ]);
    expect(events.map(({ version }) => version)).toEqual(events.map((_, n) => n + 1));
  });

  test('to a shop that has closed is refused, and registering it anew goes on counting', async () => {
    const { call, register } = await publisher();
    await register('a');
    await call('POST', '/shops/a/close');
    expect(await call('POST', '/shops/a/open')).toMatchObject({ status: 409, body: { code: 'shop-closed' } });
    expect((await register('a')).body.version).toBe(3);
  });

  test('names every value that is wrong', async () => {
    const { call } = await publisher();
    const { status, body, headers } = await call('POST', '/shops', { ...aShop, name: '', category: 7 });
    expect([status, headers.get('content-type')]).toEqual([422, problem]);
    expect(body.errors).toMatchObject([{ path: 'name' }, { path: 'category' }]);
  });

  test.each([
    ['{"name":', 400, 'malformed-request'],
    ['[]', 422, 'invalid-request'],
    ['x'.repeat(70_000), 413, 'too-large'],
  ])('with the body %.10s is refused', async (body, status, code) => {
    const { call } = await publisher();
    expect(await call('POST', '/shops', body)).toMatchObject({ status, body: { code } });
  });

  test('that is no JSON by its own word is refused', async () => {
    const { call } = await publisher();
    expect(await call('POST', '/shops', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  test.each([
    ['GET', '/nowhere', 404, 'not-found'],
    ['GET', '/shops/unknown', 404, 'shop-not-found'],
    ['GET', '/shops/a%20b', 422, 'invalid-request'],
    ['POST', '/shops/unknown/close', 404, 'shop-not-found'],
    ['GET', '/shops?limit=1000', 400, 'malformed-request'],
    ['GET', '/shops/a/events?after=-1', 404, 'shop-not-found'],
  ])('%s %s is answered with a problem document', async (method, path, status, code) => {
    const { call } = await publisher();
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { code, type: `/problems/${code}`, detail: expect.any(String) } });
    expect(answer.headers.get('content-type')).toBe(problem);
    expect((await call('GET', `/problems/${code}`)).body).toMatchObject({ code, status });
  });
});

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
    const { createApp } = await import('../../publisher/api/app.ts');
    const { systemIds } = await import('../../publisher/system.ts');
    const { callOn } = await import('../support/publisher.ts');
    const second = createApp({
      pool: first.pool,
      ids: systemIds,
      onCommitted: () => {},
      tokensFor: () => null,
      onError: () => {},
    });
    const calls = [first.call, callOn(second)];
    const answers = await Promise.all(
      Array.from({ length: 80 }, (_, n) => calls[n % 2]?.('PATCH', '/shops/a/menu/item_soup', { price: 7000 + n })),
    );
    expect(answers.map((answer) => answer?.status)).toEqual(Array.from({ length: 80 }, () => 200));
    expect((await first.call('GET', '/shops/a')).body.version).toBe(81);
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

describe('the history', () => {
  test('comes in pages, with actor, command and data', async () => {
    const { call, register } = await publisher();
    await register('a');
    for (let price = 7000; price < 7005; price++) await call('PATCH', '/shops/a/menu/item_soup', { price });
    const first = await call('GET', '/shops/a/events?limit=4');
    expect(first.body.events.map(({ version }) => version)).toEqual([1, 2, 3, 4]);
    expect(first.body.events[1]).toMatchObject({
      type: 'shop.menu-item-price-changed',
      meta: { actor: 'operator', command: 'changeMenuItem' },
      data: { from: { price: 6000 }, to: { price: 7000 } },
      at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/),
    });
    const second = await call('GET', `/shops/a/events?limit=4&after=${first.body.next}`);
    expect(second.body.events.map(({ version }) => version)).toEqual([5, 6]);
    expect(second.body.next).toBeNull();
  });
});

describe('when the database is away', () => {
  test('the answer is 503 with Retry-After, and its cause stays with us', async () => {
    const { app, call, pool, errors } = await publisher();
    pool.connect = () => Promise.reject(Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' }));
    pool.query = pool.connect as unknown as typeof pool.query;
    const { status, body, headers } = await call('POST', '/shops', aShop);
    expect([status, body.code, headers.get('retry-after')]).toEqual([503, 'unavailable', '1']);
    expect((await app.request('/healthz')).status).toBe(503);
    expect(errors.length).toBeGreaterThan(0);
  });

  test('any other fault is 500 and tells nothing of itself', async () => {
    const { call, pool, errors } = await publisher();
    pool.query = (() => Promise.reject(new Error('secret detail'))) as unknown as typeof pool.query;
    const { status, body } = await call('GET', '/shops');
    expect([status, body.code]).toEqual([500, 'internal-error']);
    expect(JSON.stringify(body)).not.toContain('secret');
    expect(errors.map(({ message }) => message)).toEqual(['secret detail']);
  });
});
