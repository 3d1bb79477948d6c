import { describe, expect, onTestFinished, test } from 'vitest';
import type { Filter, Indexes } from '../../../consumers/runtime/views/view-store.ts';
import { stores } from '../../support/stores.ts';

type View = { name: string; region: { city: string | null }; kind?: string };

const indexes: Indexes = { name: { path: 'name', searched: true }, city: 'region.city', kind: 'kind' };

describe.each(stores)('a view store in $name', ({ open }) => {
  async function opened() {
    const store = await open<View>(indexes);
    onTestFinished(store.close);
    return store;
  }

  const row = (id: string, version: number, view: Partial<View> | null = {}) => ({
    id,
    version,
    view: view === null ? null : { name: id, region: { city: null }, ...view },
  });

  test('writes only a higher version, and says of each row whether it did', async () => {
    const store = await opened();
    expect(await store.write([row('a', 2), row('b', 1)])).toEqual([true, true]);
    const again = [row('a', 1, { name: 'old' }), row('a', 2, { name: 'same' }), row('b', 2, { name: 'new' })];
    expect(await store.write(again)).toEqual([false, false, true]);
    expect((await store.read(['a', 'b', 'c'])).toSorted((x, y) => (x.id < y.id ? -1 : 1))).toEqual([
      row('a', 2),
      row('b', 2, { name: 'new' }),
    ]);
    expect(await store.versions(['a', 'b', 'c'])).toEqual(new Map(Object.entries({ a: 2, b: 2 })));
  });

  test('of two rows for one resource in one batch keeps the higher version', async () => {
    const store = await opened();
    expect(await store.write([row('a', 2), row('a', 1), row('a', 3)])).toEqual([true, false, true]);
    expect((await store.versions(['a'])).get('a')).toBe(3);
  });

  test('keeps the version of a tombstone, and shows it in no query', async () => {
    const store = await opened();
    await store.write([row('a', 1)]);
    await store.write([row('a', 2, null)]);
    expect(await store.write([row('a', 1, { name: 'back' })])).toEqual([false]);
    expect(await store.read(['a'])).toEqual([row('a', 2, null)]);
    expect(await store.query({}, '', 10)).toEqual([]);
    expect(await store.scan('', 10)).toEqual([row('a', 2, null)]);
    expect(await store.write([row('a', 3)])).toEqual([true]);
  });

  test('takes nothing, and is asked for nothing', async () => {
    const store = await opened();
    expect(await store.write([])).toEqual([]);
    expect(await store.read([])).toEqual([]);
    expect(await store.versions([])).toEqual(new Map());
  });

  test('takes a hundred at once, and versions beyond 32 bits', async () => {
    const store = await opened();
    const rows = Array.from({ length: 100 }, (_, n) => row(`s${n}`, 5_000_000_000 + n));
    expect(await store.write(rows)).toEqual(rows.map(() => true));
    expect((await store.versions(rows.map(({ id }) => id))).get('s99')).toBe(5_000_000_099);
  });

  test('scans in id order, byte by byte, in pages', async () => {
    const store = await opened();
    await store.write(['c', 'a', 'B', 'd', '_'].map((id) => row(id, 1)));
    const ids: string[] = [];
    for (let page = await store.scan('', 2); page.length > 0; page = await store.scan(ids.at(-1) ?? '', 2))
      ids.push(...page.map(({ id }) => id));
    expect(ids).toEqual(['B', '_', 'a', 'c', 'd']);
  });

  test('gives the versions of all resources in pages, each once, those of closed ones too', async () => {
    const store = await opened();
    await store.write([row('c', 3), row('a', 5_000_000_000), row('B', 2, null), row('d', 1)]);
    const found: [string, number][] = [];
    for (let page = await store.scanVersions('', 3); page.length > 0; ) {
      found.push(...page.map(({ id, version }): [string, number] => [id, version]));
      page = await store.scanVersions(page.at(-1)?.id ?? '', 3);
    }
    const expected = { B: 2, a: 5_000_000_000, c: 3, d: 1 };
    expect([found.length, new Map(found)]).toEqual([4, new Map(Object.entries(expected))]);
  });

  test('gives a view back as it was, to the last digit and the order of its fields', async () => {
    const store = await opened();
    const view = {
      name: '',
      region: { city: '' },
      z: [1e300, 0.1, 9_007_199_254_740_991],
      a: '😀 \u0000\n"',
      kind: '',
    };
    await store.write([{ id: 'a', version: 1, view }]);
    const [found] = await store.read(['a']);
    expect(JSON.stringify(found?.view)).toBe(JSON.stringify(view));
    expect(await store.query({ kind: '' }, '', 1)).toMatchObject([{ id: 'a' }]);
  });

  test('answers for a thousand resources at once, some of them asked for twice', async () => {
    const store = await opened();
    await store.write([row('s1', 1), row('s999', 2)]);
    const ids = Array.from({ length: 1_000 }, (_, n) => `s${n}`);
    expect(await store.versions([...ids, 's1'])).toEqual(new Map(Object.entries({ s1: 1, s999: 2 })));
  });

  const resources = [
    row('a', 1, { name: '김치찌개', region: { city: '강남구' }, kind: '한식' }),
    row('b', 1, { name: '초밥', region: { city: '강남구' }, kind: '일식' }),
    row('c', 1, { name: "Bob's 100% _", region: { city: null }, kind: '한식_일반' }),
    row('d', 1, { name: 'noodles', region: { city: '구로구' }, kind: true as never }),
  ];

  test.each<[string, Filter, string[]]>([
    ['everything', {}, ['a', 'b', 'c', 'd']],
    ['a value', { city: '강남구' }, ['a', 'b']],
    ['any of several values', { city: ['강남구', '구로구'] }, ['a', 'b', 'd']],
    ['none of no values', { city: [] }, []],
    ['all of several conditions', { city: '강남구', kind: '한식' }, ['a']],
    ['the beginning of a value', { kind: { startsWith: '한식' } }, ['a', 'c']],
    ['a value or its beginning', { kind: ['일식', { startsWith: '한식_' }] }, ['b', 'c']],
    ['a value that is no text', { kind: '1' }, ['d']],
    ['a part of a value', { name: { contains: '찌' } }, ['a']],
    ['a part that looks like a wildcard', { name: { contains: '%' } }, ['c']],
    ['a part that looks like another', { name: { contains: '_' } }, ['c']],
    ['a part that could end a statement', { name: { contains: "'" } }, ['c']],
    ['a value nobody has', { city: 'x' }, []],
  ])('finds %s', async (_, filter, expected) => {
    const store = await opened();
    await store.write(resources);
    expect((await store.query(filter, '', 10)).map(({ id }) => id)).toEqual(expected);
  });

  test('pages through what it finds', async () => {
    const store = await opened();
    await store.write(resources);
    expect((await store.query({ city: ['강남구', '구로구'] }, 'a', 1)).map(({ id }) => id)).toEqual(['b']);
    expect((await store.query({ city: ['강남구', '구로구'] }, 'b', 5)).map(({ id }) => id)).toEqual(['d']);
  });

  test('finds a view by its new values only', async () => {
    const store = await opened();
    await store.write([row('a', 1, { kind: '한식' })]);
    await store.write([row('a', 2, { kind: '일식' })]);
    expect(await store.query({ kind: '한식' }, '', 10)).toEqual([]);
    expect(await store.query({ kind: '일식' }, '', 10)).toMatchObject([{ id: 'a', version: 2 }]);
  });

  test('refuses to look for what is not indexed', async () => {
    const store = await opened();
    await expect(store.query({ colour: 'red' }, '', 10)).rejects.toThrow(
      '"colour" is not indexed; there are name, city, kind',
    );
  });
});
