import { deepEqual, equal } from 'node:assert/strict';
import type { Indexes, ViewRow, ViewStore } from '../runtime/views/view-store.ts';

/** The views that the cases store. */
export type ConformanceView = { name: string; region: { city: string | null }; kind?: string };

/** Opens an empty store with indexes. The test that runs a case closes it afterwards. */
export type OpenStore = (indexes: Indexes) => Promise<ViewStore<ConformanceView>>;

/** A case of a conformance suite. `run` rejects with an AssertionError where the case does not hold. */
export type StoreCase = { name: string; run: (open: OpenStore) => Promise<void> };

/** Indexes that every case opens its store with. */
export const conformanceIndexes: Indexes = {
  name: { path: 'name', searched: true },
  city: 'region.city',
  kind: 'kind',
};

/** Makes a row; without a view it is a tombstone. */
export function conformanceRow(
  id: string,
  version: number,
  view: Partial<ConformanceView> | null = {},
): ViewRow<ConformanceView> {
  return { id, version, view: view === null ? null : { name: id, region: { city: null }, ...view } };
}

const byId = <Row extends { id: string }>(rows: readonly Row[]) => rows.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** What every view store must do. A store that answers queries must pass `viewQueryCases` as well. */
export const viewStoreCases: readonly StoreCase[] = [
  {
    name: 'writes only a higher version, and says of each row whether it did',
    async run(open) {
      const store = await open(conformanceIndexes);
      deepEqual(await store.write([conformanceRow('a', 2), conformanceRow('b', 1)]), [true, true]);
      const again = [
        conformanceRow('a', 1, { name: 'old' }),
        conformanceRow('a', 2, { name: 'same' }),
        conformanceRow('b', 2, { name: 'new' }),
      ];
      deepEqual(await store.write(again), [false, false, true]);
      deepEqual(byId(await store.read(['a', 'b', 'c'])), [
        conformanceRow('a', 2),
        conformanceRow('b', 2, { name: 'new' }),
      ]);
      deepEqual(await store.versions(['a', 'b', 'c']), new Map(Object.entries({ a: 2, b: 2 })));
    },
  },
  {
    name: 'of two rows for one resource in one batch keeps the higher version',
    async run(open) {
      const store = await open(conformanceIndexes);
      deepEqual(await store.write([conformanceRow('a', 2), conformanceRow('a', 1), conformanceRow('a', 3)]), [
        true,
        false,
        true,
      ]);
      equal((await store.versions(['a'])).get('a'), 3);
    },
  },
  {
    name: 'keeps the version of a tombstone, which only a higher version replaces',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write([conformanceRow('a', 1)]);
      await store.write([conformanceRow('a', 2, null)]);
      deepEqual(await store.write([conformanceRow('a', 1, { name: 'back' })]), [false]);
      deepEqual(await store.read(['a']), [conformanceRow('a', 2, null)]);
      deepEqual(await store.scan('', 10), [conformanceRow('a', 2, null)]);
      deepEqual(await store.write([conformanceRow('a', 3)]), [true]);
    },
  },
  {
    name: 'of two writes at the same time keeps the higher version',
    async run(open) {
      const store = await open(conformanceIndexes);
      await Promise.all(
        [3, 1, 4, 2].map((version) => store.write([conformanceRow('a', version, { name: `v${version}` })])),
      );
      deepEqual(await store.read(['a']), [conformanceRow('a', 4, { name: 'v4' })]);
    },
  },
  {
    name: 'takes nothing, and is asked for nothing',
    async run(open) {
      const store = await open(conformanceIndexes);
      deepEqual(await store.write([]), []);
      deepEqual(await store.read([]), []);
      deepEqual(await store.versions([]), new Map());
    },
  },
  {
    name: 'takes a hundred at once, and versions beyond 32 bits',
    async run(open) {
      const store = await open(conformanceIndexes);
      const rows = Array.from({ length: 100 }, (_, n) => conformanceRow(`s${n}`, 5_000_000_000 + n));
      deepEqual(
        await store.write(rows),
        rows.map(() => true),
      );
      equal((await store.versions(rows.map(({ id }) => id))).get('s99'), 5_000_000_099);
    },
  },
  {
    name: 'scans in id order, byte by byte, in pages',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write(['c', 'a', 'B', 'd', '_'].map((id) => conformanceRow(id, 1)));
      const ids: string[] = [];
      for (let page = await store.scan('', 2); page.length > 0; page = await store.scan(ids.at(-1) ?? '', 2))
        ids.push(...page.map(({ id }) => id));
      deepEqual(ids, ['B', '_', 'a', 'c', 'd']);
    },
  },
  {
    name: 'gives a view back as it was, to the last digit and the order of its fields',
    async run(open) {
      const store = await open(conformanceIndexes);
      const numbers = [1e300, 0.1, 9_007_199_254_740_991];
      const view = { name: '', region: { city: '' }, z: numbers, a: '😀 \u0000\n"', kind: '' };
      await store.write([{ id: 'a', version: 1, view }]);
      const [found] = await store.read(['a']);
      equal(JSON.stringify(found?.view), JSON.stringify(view));
    },
  },
  {
    name: 'answers for a thousand resources at once, some of them asked for twice',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.write([conformanceRow('s1', 1), conformanceRow('s999', 2)]);
      const ids = Array.from({ length: 1_000 }, (_, n) => `s${n}`);
      deepEqual(await store.versions([...ids, 's1']), new Map(Object.entries({ s1: 1, s999: 2 })));
    },
  },
  {
    name: 'is probed, and no row is left of it',
    async run(open) {
      const store = await open(conformanceIndexes);
      await store.probe();
      deepEqual(await store.scan('', 10), []);
    },
  },
];
