import { deepEqual, rejects } from 'node:assert/strict';
import type { Filter } from '../runtime/views/view-store.ts';
import { conformanceIndexes, conformanceRow, type StoreCase } from './view-store-cases.ts';

const resources = [
  conformanceRow('a', 1, { name: '김치찌개', region: { city: '강남구' }, kind: '한식' }),
  conformanceRow('b', 1, { name: '초밥', region: { city: '강남구' }, kind: '일식' }),
  conformanceRow('c', 1, { name: "Bob's 100% _", region: { city: null }, kind: '한식_일반' }),
  conformanceRow('d', 1, { name: 'noodles', region: { city: '구로구' }, kind: true as never }),
  conformanceRow('e', 1, null),
];

const filters: readonly [what: string, filter: Filter, ids: string[]][] = [
  ['everything but tombstones', {}, ['a', 'b', 'c', 'd']],
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
  ['a value that no view has', { city: 'x' }, []],
];

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id);

/** What a view store must do that answers queries. */
export const viewQueryCases: readonly StoreCase[] = [
  ...filters.map(
    ([what, filter, ids]): StoreCase => ({
      name: `finds ${what}`,
      async run(open) {
        const store = await open(conformanceIndexes);
        await store.write(resources);
        deepEqual(idsOf(await store.query(filter, '', 10)), ids);
      },
    }),
  ),
  {
    name: 'pages through what it finds',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write(resources);
      deepEqual(idsOf(await store.query({ city: ['강남구', '구로구'] }, 'a', 1)), ['b']);
      deepEqual(idsOf(await store.query({ city: ['강남구', '구로구'] }, 'b', 5)), ['d']);
    },
  },
  {
    name: 'finds a view by its new values only, and not at all when it is gone',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write([conformanceRow('a', 1, { kind: '한식' })]);
      await store.write([conformanceRow('a', 2, { kind: '일식' })]);
      deepEqual(await store.query({ kind: '한식' }, '', 10), []);
      deepEqual(await store.query({ kind: '일식' }, '', 10), [conformanceRow('a', 2, { kind: '일식' })]);
      await store.write([conformanceRow('a', 3, null)]);
      deepEqual(await store.query({ kind: '일식' }, '', 10), []);
    },
  },
  {
    name: 'finds an empty value',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write([conformanceRow('a', 1, { kind: '' })]);
      deepEqual(idsOf(await store.query({ kind: '' }, '', 10)), ['a']);
    },
  },
  {
    name: 'refuses to look for what is not indexed',
    async run(open) {
      const store = await open(conformanceIndexes);
      const refusal = new RangeError('"colour" is not indexed; there are name, city, kind');
      await rejects(store.query({ colour: 'red' }, '', 10), { name: refusal.name, message: refusal.message });
    },
  },
];
