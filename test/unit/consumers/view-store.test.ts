import { describe, expect, onTestFinished, test } from 'vitest';
import { holdStoreCases } from '../../../consumers/testing/hold-store-cases.ts';
import { progressStoreCases } from '../../../consumers/testing/progress-store-cases.ts';
import { viewQueryCases } from '../../../consumers/testing/view-query-cases.ts';
import {
  type ConformanceView,
  conformanceIndexes,
  conformanceRow,
  viewStoreCases,
} from '../../../consumers/testing/view-store-cases.ts';
import { stores } from '../../support/stores.ts';

describe.each(stores)('a view store in $name', ({ open, place }) => {
  async function opened(indexes = conformanceIndexes) {
    const store = await open<ConformanceView>(indexes);
    onTestFinished(store.close);
    return store;
  }

  test.each([...viewStoreCases, ...viewQueryCases])('$name', ({ run }) => run(opened));

  test.each(progressStoreCases)('the progress $name', async ({ run }) => {
    const openOne = await place();
    await run(async () => {
      const store = await openOne();
      onTestFinished(store.close);
      return store.progress;
    });
  });

  test('writes a view of another revision again at the same version, and never at a lower one', async () => {
    const openOne = await place();
    const openAs = async (revision?: string) => {
      const store = await openOne(revision);
      onTestFinished(store.close);
      return store;
    };
    const [none, first, second] = [await openAs(), await openAs('first'), await openAs('second')];
    const row = (version: number, made: string | null) => ({ id: 'a', version, view: made === null ? null : { made } });
    const shown = async () => (await none.read(['a']))[0]?.view;
    expect(await none.write([row(2, 'by none')])).toEqual([true]);
    expect(await first.write([row(1, 'too old')])).toEqual([false]);
    expect(await first.write([row(2, 'by first')])).toEqual([true]);
    expect(await first.write([row(2, 'by first, once more')])).toEqual([false]);
    expect(await shown()).toEqual({ made: 'by first' });
    expect(await second.write([row(2, 'by second')])).toEqual([true]);
    expect(await none.write([row(2, 'by none')])).toEqual([false]);
    expect(await shown()).toEqual({ made: 'by second' });
    expect(await second.write([row(3, null)])).toEqual([true]);
    expect(await first.write([row(2, 'by first')])).toEqual([false]);
    expect(await first.write([row(3, null)])).toEqual([true]);
    expect([first.revision, none.revision, await shown()]).toEqual(['first', undefined, null]);
  });

  test.each(holdStoreCases)('the hold $name', async ({ run }) => {
    const openOne = await place();
    await run(async () => {
      const store = await openOne();
      onTestFinished(store.close);
      return store.holds;
    });
  });

  test('shows its progress and its hold among no views', async () => {
    const store = await opened();
    await store.write([conformanceRow('a', 1)]);
    await store.progress.lease('w', 1_000);
    await store.progress.keep('w', 1_000, 'far');
    await store.holds.keep('held');
    expect([await store.scan('', 10), await store.scanVersions('', 10)]).toEqual([
      [conformanceRow('a', 1)],
      [{ id: 'a', version: 1 }],
    ]);
  });

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
