import { describe, expect, onTestFinished, test } from 'vitest';
import { metres } from '../../../consumers/ad/cells.ts';
import { adPart } from '../../../consumers/ad/part.ts';
import { displayPart } from '../../../consumers/display/part.ts';
import { definePart, type Part } from '../../../consumers/part.ts';
import { viewApi } from '../../../consumers/query/app.ts';
import { problems } from '../../../contracts/wire/problem.ts';
import { smallConsumer } from '../../support/small-consumer.ts';
import { type StoreKind, sqlite, stores } from '../../support/stores.ts';

/** A consumer's query API over views made by its own projection. */
async function apiOver<Shop, View>(
  { open }: StoreKind,
  { consumer, indexes, queryApi }: Part<Shop, View>,
  shops: Record<string, Shop | null>,
) {
  const store = await open<View>(indexes);
  onTestFinished(store.close);
  await store.write(
    Object.entries(shops).map(([id, shop], n) => ({ id, version: n + 1, view: shop && consumer.project(shop, id) })),
  );
  const app = queryApi(store);
  return async (path: string, headers: Record<string, string> = {}, method = 'GET') => {
    const response = await app.request(path, { headers, method });
    const text = await response.text();
    // biome-ignore lint/suspicious/noExplicitAny: tests look into whatever came
    return { status: response.status, headers: response.headers, body: (text === '' ? null : JSON.parse(text)) as any };
  };
}

const smallPart = definePart({ consumer: smallConsumer });

type Api = <Shop, View>(part: Part<Shop, View>, shops: Record<string, Shop | null>) => ReturnType<typeof apiOver>;

const card = {
  name: '바보네집',
  category: '한식_일반',
  region: { province: '서울', city: '강남구' },
  address: '논현로 14',
  place: null,
  openness: 'open' as const,
  hours: null,
  delivery: null,
  parking: null,
  menu: [
    { id: 'i1', name: 'Kimchi Stew', price: 8000, priceNote: null },
    { id: 'i2', name: '밥', price: 1000, priceNote: null },
  ],
};

const shops = {
  a: card,
  b: { ...card, name: '초밥집', category: '일식', openness: 'paused' as const },
  c: { ...card, region: { province: '부산', city: null }, category: '한식', menu: [] },
  d: { ...card, category: '한식뷔페' },
  e: null,
};

describe.each(stores)('the query API of display over $name', (kind) => {
  const api: Api = (part, shops) => apiOver(kind, part, shops);
  const ids = async (query: string) => {
    const { body } = await (await api(displayPart, shops))(`/shops?${query}`);
    return body.shops.map(({ id }: { id: string }) => id);
  };

  test.each([
    ['', ['a', 'b', 'c', 'd']],
    ['province=서울', ['a', 'b', 'd']],
    ['province=서울&city=강남구', ['a', 'b', 'd']],
    ['city=해운대구', []],
    ['category=한식', ['a', 'c']],
    ['category=한식_일반', ['a']],
    ['open=true', ['a', 'c', 'd']],
    ['open=false', ['b']],
    ['q=초밥', ['b']],
    ['q=kimchi STEW', ['a', 'b', 'd']],
    ['q=%25', []],
    ['province=서울&open=true&category=한식', ['a']],
    ['province=', ['a', 'b', 'c', 'd']],
  ])('GET /shops?%s', async (query, expected) => {
    expect(await ids(query)).toEqual(expected);
  });

  test('comes in pages by cursor', async () => {
    const get = await api(displayPart, shops);
    const first = await get('/shops?limit=3');
    expect([first.body.shops.length, first.body.next]).toEqual([3, 'c']);
    const second = await get(`/shops?limit=3&after=${first.body.next}`);
    expect([second.body.shops.map(({ id }: { id: string }) => id), second.body.next]).toEqual([['d'], null]);
  });

  test('lists without the menu, and shows one shop with it', async () => {
    const get = await api(displayPart, shops);
    const { body } = await get('/shops?limit=1');
    expect(body.shops[0]).toMatchObject({ id: 'a', version: 1, name: '바보네집', from: 1000 });
    expect(Object.keys(body.shops[0])).not.toContain('menu');
    const one = await get('/shops/a');
    expect(one.headers.get('etag')).toMatch(/^"[\w-]{22}"$/);
    expect(one.body.menu).toHaveLength(2);
    expect(Object.keys(one.body)).not.toContain('words');
  });

  test.each([
    ['/shops/zzz', 404, 'resource-not-found'],
    ['/shops/e', 410, 'resource-gone'],
    ['/shops/a%20b', 422, 'invalid-request'],
    ['/shops?limit=0', 422, 'invalid-request'],
    ['/shops?limit=101', 422, 'invalid-request'],
    ['/shops?open=maybe', 422, 'invalid-request'],
    ['/nowhere', 404, 'not-found'],
  ])('GET %s is answered with a problem document', async (path, status, code) => {
    const answer = await (await api(displayPart, shops))(path);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });
});

const line = {
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  place: { latitude: 37.5, longitude: 127 },
  openness: 'open' as const,
  headline: { name: '김치찌개', price: 8000, priceNote: null },
  owner: { publicName: 'Min-ji' },
};

describe.each(stores)('the query API of ad over $name', (kind) => {
  const api: Api = (part, shops) => apiOver(kind, part, shops);
  const ads = {
    far: { ...line, place: { latitude: 35.1, longitude: 129 } },
    near: { ...line, place: { latitude: 37.501, longitude: 127 } },
    nowhere: { ...line, place: null },
    paused: { ...line, openness: 'paused' as const },
    sushi: { ...line, category: '일식' },
    gone: null,
  };

  test.each([
    ['', ['far', 'near', 'nowhere', 'sushi']],
    ['category=한식', ['far', 'near', 'nowhere']],
    ['near=37.5,127&category=한식', ['near', 'far']],
    ['near=37.5,127&limit=1', ['sushi']],
    ['near=35,129&limit=1', ['far']],
    ['near=-90,-180.0&limit=1', ['far']],
    ['near=%2035.0%20,%20129%20&limit=1', ['far']],
  ])('GET /candidates?%s', async (query, expected) => {
    const { body } = await (await api(adPart, ads))(`/candidates?${query}`);
    expect(body.candidates.map(({ id }: { id: string }) => id)).toEqual(expected);
  });

  test('says how far a candidate is, in metres', async () => {
    const { body } = await (await api(adPart, ads))('/candidates?near=37.5,127&category=한식&limit=1');
    expect(body.candidates[0].distance).toBe(111);
    // Seoul to Busan is 325 km.
    expect(metres({ latitude: 37.5665, longitude: 126.978 }, { latitude: 35.1796, longitude: 129.0756 })).toBeCloseTo(
      325_000,
      -4,
    );
  });

  test('shows one ad, with nothing of the owner but the public name', async () => {
    const get = await api(adPart, ads);
    expect((await get('/ads/near')).body).toMatchObject({ id: 'near', owner: 'Min-ji', headline: { price: 8000 } });
    expect((await get('/ads/gone')).status).toBe(410);
    expect((await get('/ads/zzz')).status).toBe(404);
  });

  test.each(['near=37.5', 'near=x,y', 'near=91,0', 'near=1,180.1', 'near=1,2,3', 'near=,', 'near=', 'limit=0'])(
    'GET /candidates?%s is refused',
    async (query) => {
      const { status, body } = await (await api(adPart, ads))(`/candidates?${query}`);
      expect([status, body.errors]).toEqual([422, [{ path: query.split('=')[0], message: expect.any(String) }]]);
    },
  );
});

test('where there are many, the nearest is found however far it is', async () => {
  const busan = { latitude: 35.1, longitude: 129 };
  const many = Array.from({ length: 600 }, (_, n) => [
    `s${n}`,
    { ...line, place: { ...busan, longitude: 129 + n / 1e4 } },
  ]);
  const near = [['zz', { ...line, place: { ...busan, longitude: 128.99 } }]];
  const get = await apiOver(sqlite, adPart, Object.fromEntries([...many, ...near]));
  expect((await get('/candidates?near=37.5,127&limit=1')).body.candidates).toMatchObject([{ id: 'zz' }]);
});

describe.each([
  ['display', '/shops/a', (): ReturnType<typeof apiOver> => apiOver(sqlite, displayPart, shops)],
  ['ad', '/ads/a', () => apiOver(sqlite, adPart, { a: line, e: null })],
  ['a consumer that says nothing of queries', '/shops/a', () => apiOver(sqlite, smallPart, { a: { name: 'soup' } })],
])('a view of %s', (_, path, open) => {
  test.each([
    ['TAG', 304],
    ['W/TAG', 304],
    ['"7" ,\tTAG', 304],
    ['*', 304],
    ['"2"', 200],
    ['1', 200],
    [null, 200],
  ])('is answered If-None-Match: %s by %d, with the ETag of its content', async (condition, status) => {
    const get = await open();
    const tag = (await get(path)).headers.get('etag') ?? '';
    const headers = condition === null ? {} : { 'if-none-match': condition.replace('TAG', tag) };
    for (const method of ['GET', 'HEAD']) {
      const answer = await get(path, headers, method);
      expect([answer.status, answer.headers.get('etag')]).toEqual([status, tag]);
      expect(answer.body === null).toBe(status === 304 || method === 'HEAD');
    }
  });
});

test('a view that is gone or unknown is told so, whatever the client has', async () => {
  const get = await apiOver(sqlite, displayPart, shops);
  const held = { 'if-none-match': '*' };
  expect([(await get('/shops/e', held)).status, (await get('/shops/zzz', held)).status]).toEqual([410, 404]);
});

describe('a consumer that says nothing of queries', () => {
  test('answers with one view at a time', async () => {
    const get = await apiOver(sqlite, smallPart, { a: { name: 'soup' } });
    expect((await get('/shops/a')).body).toEqual({ id: 'a', version: 1, title: 'SOUP' });
    expect((await get('/shops/b')).status).toBe(404);
  });
});

test('what a view lacks is said in words of any domain', async () => {
  const store = await sqlite.open<{ title: string }>({});
  onTestFinished(store.close);
  await store.write([{ id: 'a', version: 2, view: null }]);
  const app = viewApi(store, problems, '/views/:id');
  const answers = await Promise.all(['/views/a', '/views/b', '/views/!', '/else'].map((path) => app.request(path)));
  expect(answers.map(({ status }) => status)).toEqual([410, 404, 422, 404]);
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  expect(texts.join()).not.toMatch(/shop|regist|close|menu/i);
});
