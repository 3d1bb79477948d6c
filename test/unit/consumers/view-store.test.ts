import { describe, expect, onTestFinished, test } from 'vitest';
import { viewQueryCases } from '../../../consumers/testing/view-query-cases.ts';
import {
  type ConformanceView,
  conformanceIndexes,
  conformanceRow,
  viewStoreCases,
} from '../../../consumers/testing/view-store-cases.ts';
import { stores } from '../../support/stores.ts';

describe.each(stores)('a view store in $name', ({ open }) => {
  async function opened(indexes = conformanceIndexes) {
    const store = await open<ConformanceView>(indexes);
    onTestFinished(store.close);
    return store;
  }

  test.each([...viewStoreCases, ...viewQueryCases])('$name', ({ run }) => run(opened));

  test('gives the versions of all resources in pages, each once, those of closed ones too', async () => {
    const store = await opened();
    await store.write([
      conformanceRow('c', 3),
      conformanceRow('a', 5_000_000_000),
      conformanceRow('B', 2, null),
      conformanceRow('d', 1),
    ]);
    const found: [string, number][] = [];
    for (let page = await store.scanVersions('', 3); page.length > 0; ) {
      found.push(...page.map(({ id, version }): [string, number] => [id, version]));
      page = await store.scanVersions(page.at(-1)?.id ?? '', 3);
    }
    const expected = { B: 2, a: 5_000_000_000, c: 3, d: 1 };
    expect([found.length, new Map(found)]).toEqual([4, new Map(Object.entries(expected))]);
  });
});
