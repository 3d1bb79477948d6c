import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Condition, Indexes } from '../../../consumers/runtime/views/view-store.ts';
import { modelStore } from '../../support/model-store.ts';
import { stores } from '../../support/stores.ts';

type View = Record<'city' | 'kind' | 'state' | 'words', string | null>;

const indexes: Indexes = {
  city: 'city',
  kind: 'kind',
  state: { path: 'state', coarse: true },
  words: { path: 'words', searched: true },
};

// Few of each, so that they meet; with what sorts, splits or ends a text in some place or other.
const id = fc.constantFrom('a', 'a-', 'a0', 'a_b', 'aB', 'B', '_', '-', '0', 'shop_5a08', 'zz');
const value = fc.constantFrom(
  '한식',
  '한식_일반',
  '한식_',
  '한식뷔페',
  '_',
  '',
  '=',
  '#0',
  '가'.repeat(120),
  '😀_x',
  "' or 1",
);
const orNull = fc.option(value, { freq: 4 });
const view = fc.option(fc.record({ city: orNull, kind: orNull, state: orNull, words: orNull }), { freq: 6 });
const row = fc.record({ id, version: fc.integer({ min: 1, max: 5 }), view });
const condition: fc.Arbitrary<Condition> = fc.oneof(
  value,
  value.map((startsWith) => ({ startsWith })),
  value.map((contains) => ({ contains })),
);
const conditions = fc.option(fc.oneof(condition, fc.array(condition, { maxLength: 4 })), { nil: undefined, freq: 2 });
const filter = fc
  .record({ city: conditions, kind: conditions, state: conditions, words: conditions })
  .map((all) => Object.fromEntries(Object.entries(all).filter(([, given]) => given !== undefined)));
const after = fc.oneof(fc.constant(''), id);
const limit = fc.integer({ min: 1, max: 12 });

const operation = fc.oneof(
  { weight: 3, arbitrary: fc.record({ verb: fc.constant('write' as const), rows: fc.array(row, { maxLength: 12 }) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('read' as const), ids: fc.array(id) }) },
  { weight: 1, arbitrary: fc.record({ verb: fc.constant('scan' as const), after, limit }) },
  { weight: 4, arbitrary: fc.record({ verb: fc.constant('query' as const), filter, after, limit }) },
);
type Operation = typeof operation extends fc.Arbitrary<infer Given> ? Given : never;
type Store = ReturnType<typeof modelStore>;

/** Carries out an operation; what comes in no particular order is put in one. */
async function outcome(store: Store, given: Operation): Promise<unknown> {
  if (given.verb === 'write') return store.write(given.rows);
  if (given.verb === 'scan') return store.scan(given.after, given.limit);
  if (given.verb === 'query') return store.query(given.filter as never, given.after, given.limit);
  const rows = (await store.read(given.ids)).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  return { rows, versions: new Map([...(await store.versions(given.ids))].toSorted()) };
}

describe.each(stores)('a view store in $name', ({ open }) => {
  test('answers like a map, whatever is written and asked', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 4, maxLength: 30 }), async (operations) => {
        const store = await open<View>(indexes);
        const model = modelStore();
        for (const each of operations)
          expect(await outcome(store as unknown as Store, each)).toEqual(await outcome(model, each));
        store.close();
      }),
      { seed: 20_261_124, numRuns: 30 },
    );
  });
});
