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
    ['x'.repeat(2_000_000), 413, 'too-large'],
  ])('with the body %.10s is refused', async (body, status, code) => {
    const { call } = await publisher();
    expect(await call('POST', '/shops', body)).toMatchObject({ status, body: { code } });
  });

  test('may register a shop with the fullest menu there can be', async () => {
    const { call } = await publisher();
    const item = (n: number) => ({ id: `item_${n}`, name: '가'.repeat(100), price: 1, priceNote: '나'.repeat(100) });
    const menu = Array.from({ length: 200 }, (_, n) => item(n));
    expect((await call('POST', '/shops', { ...aShop, menu })).status).toBe(201);
  });

  test('that is no JSON by its own word is refused', async () => {
    const { call } = await publisher();
    expect(await call('POST', '/shops', '{}', { 'content-type': 'text/plain' })).toMatchObject({ status: 415 });
  });

  test.each([
    ['GET', '/nowhere', 404, 'not-found'],
    ['GET', '/shops/unknown', 404, 'resource-not-found'],
    ['GET', '/shops/a%20b', 422, 'invalid-request'],
    ['POST', '/shops/unknown/close', 404, 'resource-not-found'],
    ['GET', '/shops?limit=1000', 422, 'invalid-request'],
    ['GET', '/shops/a/events?after=-1', 404, 'resource-not-found'],
  ])('%s %s is answered with a problem document', async (method, path, status, code) => {
    const { call } = await publisher();
    const answer = await call(method, path);
    expect(answer).toMatchObject({ status, body: { code, type: `/problems/${code}`, detail: expect.any(String) } });
    expect(answer.headers.get('content-type')).toBe(problem);
    expect((await call('GET', `/problems/${code}`)).body).toMatchObject({ code, status });
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
