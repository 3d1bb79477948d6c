import { describe, expect, test } from 'vitest';
import { publisher, tokens } from '../support/publisher.ts';

const display = { authorization: `Bearer ${tokens.display}` };
const ad = { authorization: `Bearer ${tokens.ad}` };

describe('a source API', () => {
  test('needs the token of its own agreement', async () => {
    const { call, register } = await publisher();
    await register('a');
    expect((await call('GET', '/display/shops/a')).status).toBe(401);
    expect((await call('GET', '/display/shops/a', undefined, ad)).status).toBe(401);
    expect((await call('GET', '/display/shops', undefined, ad)).status).toBe(401);
    expect((await call('POST', '/ad/shops/batch', { resources: [{ id: 'a' }] }, display)).status).toBe(401);
    const refused = await call('GET', '/display/shops/a', undefined, { authorization: 'Bearer wrong' });
    expect([refused.status, refused.body.code, refused.headers.get('www-authenticate')]).toEqual([
      401,
      'unauthorized',
      'Bearer',
    ]);
    expect((await call('GET', '/display/shops/a', undefined, display)).status).toBe(200);
  });

  test('shows exactly the agreed fields', async () => {
    const { call, register } = await publisher();
    await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
    await register('a', { ownerId: 'kim' });
    const { body } = await call('GET', '/ad/shops/a', undefined, ad);
    expect(body).toEqual({
      id: 'a',
      version: 1,
      resource: {
        name: '바보네집',
        category: '한식',
        region: { province: '서울', city: '강남구' },
        place: null,
        openness: 'open',
        headline: { name: '김치찌개', price: 6000, priceNote: null },
        owner: { publicName: 'Min-ji' },
      },
    });
    const shown = await call('GET', '/display/shops/a', undefined, display);
    expect(JSON.stringify(shown.body)).not.toContain('Min-ji');
    expect(shown.body.resource).toMatchObject({ menu: [{ id: 'item_soup', price: 6000 }], hours: '11:00~21:00' });
  });

  test('answers 304 to whoever has the version', async () => {
    const { call, register } = await publisher();
    await register('a');
    const first = await call('GET', '/display/shops/a', undefined, display);
    expect(first.headers.get('etag')).toBe('"display.1.1"');
    const again = await call('GET', '/display/shops/a', undefined, { ...display, 'if-none-match': '"display.1.1"' });
    expect([again.status, again.body]).toEqual([304, {}]);
    const other = await call('GET', '/display/shops/a', undefined, { ...display, 'if-none-match': '"ad.1.1"' });
    expect(other.status).toBe(200);
  });

  test.each([
    ['W/"display.1.1"', 304],
    ['"ad.1.1", W/"display.1.1"', 304],
    ['*', 304],
    ['"display.1.2"', 200],
    ['"display.2.1"', 200],
    ['display.1.1', 200],
  ])('answers If-None-Match: %s by %d, with the ETag', async (header, status) => {
    const { call, register } = await publisher();
    await register('a');
    const answer = await call('GET', '/display/shops/a', undefined, { ...display, 'if-none-match': header });
    expect([answer.status, answer.headers.get('etag')]).toEqual([status, '"display.1.1"']);
  });

  test('answers what is gone, behind or unknown whatever the client has', async () => {
    const { call, register } = await publisher();
    await register('a');
    await register('b');
    await call('POST', '/shops/b/close');
    const ask = (id: string, more = {}) =>
      call('GET', `/display/shops/${id}`, undefined, { ...display, 'if-none-match': '*', ...more });
    const answers = [await ask('a', { 'min-version': '2' }), await ask('b'), await ask('c')];
    expect(answers.map(({ status }) => status)).toEqual([503, 410, 404]);
  });

  test('has another ETag for whatever it shows: every change of a view is a new version, the owner included', async () => {
    const { call, register } = await publisher();
    await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
    await register('a', { ownerId: 'kim' });
    const look = async (path: string, token: Record<string, string>) => {
      const { headers, body } = await call('GET', path, undefined, token);
      return { tag: headers.get('etag'), shown: JSON.stringify(body.resource) };
    };
    const commands: [string, string, unknown?][] = [
      ['PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Kim' }],
      ['PATCH', '/shops/a', { name: '바보네' }],
      ['PUT', '/shops/a/hours', { hours: '24시간' }],
      ['POST', '/shops/a/pause'],
      ['POST', '/shops/a/open'],
      ['POST', '/shops/a/menu', { id: 'item_rice', name: '공기밥', price: 1_000 }],
      ['PATCH', '/shops/a/menu/item_rice', { name: '밥' }],
      ['PATCH', '/shops/a/menu/item_soup', { price: 6_500 }],
      ['DELETE', '/shops/a/menu/item_soup'],
      ['POST', '/shops/a/rollback', { toVersion: 1 }],
    ];
    const changed = { display: 0, ad: 0 };
    for (const [method, path, body] of commands) {
      const before = [await look('/display/shops/a', display), await look('/ad/shops/a', ad)];
      expect((await call(method, path, body)).status, `${method} ${path}`).toBeLessThan(300);
      const after = [await look('/display/shops/a', display), await look('/ad/shops/a', ad)];
      for (const [n, name] of (['display', 'ad'] as const).entries()) {
        if (before[n]?.shown === after[n]?.shown) continue;
        changed[name]++;
        expect(after[n]?.tag, `${name} after ${method} ${path}`).not.toBe(before[n]?.tag);
      }
    }
    expect(changed).toEqual({ display: 9, ad: 7 });
  });

  test('answers 503 with Retry-After when it has not seen the version yet', async () => {
    const { call, register } = await publisher();
    await register('a');
    const behind = await call('GET', '/display/shops/a', undefined, { ...display, 'min-version': '2' });
    expect(behind).toMatchObject({ status: 503, body: { code: 'behind', version: 1 } });
    expect(behind.headers.get('retry-after')).toBe('1');
    expect((await call('GET', '/display/shops/a', undefined, { ...display, 'min-version': 'x' })).status).toBe(422);
  });

  test('answers 410 with the version at which a shop closed, and 404 for one it never knew', async () => {
    const { call, register } = await publisher();
    await register('a');
    await call('POST', '/shops/a/close');
    expect(await call('GET', '/display/shops/a', undefined, display)).toMatchObject({
      status: 410,
      body: { version: 2 },
    });
    expect(await call('GET', '/display/shops/z', undefined, display)).toMatchObject({ status: 404 });
    // The id of a resource may have a dot; the id of a shop, and what is no id at all, may not.
    expect((await call('GET', '/display/shops/a%2e', undefined, display)).status).toBe(404);
    expect((await call('GET', '/display/shops/a%2f', undefined, display)).status).toBe(422);
    expect((await call('GET', '/shops/a%2e')).status).toBe(422);
    expect((await call('GET', '/shops?after=a%2e')).status).toBe(422);
  });

  test('answers a batch shop by shop', async () => {
    const { call, register } = await publisher();
    for (const id of ['a', 'b', 'c', 'd']) await register(id);
    await call('POST', '/shops/c/close');
    const shops = [{ id: 'a' }, { id: 'b', have: 1 }, { id: 'c' }, { id: 'd', minVersion: 5 }, { id: 'z' }];
    const { body } = await call('POST', '/display/shops/batch', { resources: shops }, display);
    expect(body.resources).toMatchObject([
      { id: 'a', status: 200, version: 1, resource: { name: '바보네집' } },
      { id: 'b', status: 304, version: 1 },
      { id: 'c', status: 410, version: 2 },
      { id: 'd', status: 503, version: 1 },
      { id: 'z', status: 404 },
    ]);
  });

  test.each([
    [{ shops: [] }],
    [{ shops: Array.from({ length: 101 }, (_, n) => ({ id: `s${n}` })) }],
    [{ shops: [{ id: '../x' }] }],
    [{ shops: [{ id: 'a', name: 'x' }] }],
    [{}],
  ])('refuses the batch %j', async (body) => {
    const { call } = await publisher();
    expect((await call('POST', '/display/shops/batch', body, display)).status).toBe(422);
  });

  test('lists all shops in pages, closed ones too', async () => {
    const { call, register } = await publisher();
    for (const id of ['a', 'b', 'c', 'd', 'e']) await register(id);
    await call('POST', '/shops/b/close');
    const first = await call('GET', '/display/shops?limit=3', undefined, display);
    expect(first.body.resources.map(({ id, status }) => [id, status])).toEqual([
      ['a', 200],
      ['b', 410],
      ['c', 200],
    ]);
    const second = await call('GET', `/display/shops?limit=3&after=${first.body.next}`, undefined, display);
    expect([second.body.resources.map(({ id }) => id), second.body.next]).toEqual([['d', 'e'], null]);
    expect((await call('GET', '/display/shops?limit=101', undefined, display)).status).toBe(422);
  });

  test('shows each shop once in its pages, whatever is registered, changed and closed meanwhile', async () => {
    const { call, register } = await publisher();
    for (const id of ['b', 'd', 'f', 'h']) await register(id);
    const seen: unknown[] = [];
    for (let next: unknown = ''; next !== null; ) {
      const { body } = await call('GET', `/display/shops?limit=2&after=${next}`, undefined, display);
      seen.push(...body.resources.map(({ id, status }) => [id, status]));
      next = body['next'];
      if (next === 'd') {
        for (const id of ['a', 'c', 'g']) await register(id);
        for (const id of ['b', 'f']) await call('POST', `/shops/${id}/close`);
        await call('POST', '/shops/d/pause');
      }
    }
    // a and c stand before the place that was reached: their own rings tell of them.
    expect(seen).toEqual([
      ['b', 200],
      ['d', 200],
      ['f', 410],
      ['g', 200],
      ['h', 200],
    ]);
  });

  test('a shop that breaks the agreement harms no other of its batch or page', async () => {
    const { call, register, pool, errors } = await publisher();
    for (const id of ['a', 'b', 'c']) await register(id);
    await pool.query(`update shop set state = state || '{"category": 7}' where id = 'b'`);
    const shops = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
    const batch = await call('POST', '/display/shops/batch', { resources: shops }, display);
    const page = await call('GET', '/display/shops', undefined, display);
    for (const { body } of [batch, page])
      expect(body.resources.map(({ id, status }) => [id, status])).toEqual([
        ['a', 200],
        ['b', 500],
        ['c', 200],
      ]);
    expect(errors[0]?.message).toContain('display@1, resource b: category');
  });

  test("keeps its own word: a shop that breaks the agreement is our fault, not the consumer's", async () => {
    const { call, register, pool, errors } = await publisher();
    await register('a');
    await pool.query(`update shop set state = state || '{"category": 7}'`);
    expect((await call('GET', '/display/shops/a', undefined, display)).status).toBe(500);
    expect(errors[0]?.message).toContain('display@1, resource a: category');
  });
});
