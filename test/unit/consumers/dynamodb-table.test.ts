import { expect, test } from 'vitest';
import { adPart } from '../../../consumers/ad/part.ts';
import { displayPart } from '../../../consumers/display/part.ts';
import { allOf, anyOf, type IdCursor, inPages, take } from '../../../consumers/stores/dynamodb/ids.ts';
import { tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { headOf, headsOf, textAt } from '../../../consumers/stores/dynamodb/values.ts';

const indexNames = (table: ReturnType<typeof tableOf>) =>
  table.GlobalSecondaryIndexes.map(({ IndexName }) => IndexName);

test('a table has an index of keys alone for each value that is looked up, and one of all rows', () => {
  expect(indexNames(tableOf(displayPart.indexes))).toEqual(['all_rows', 'by_province', 'by_city', 'by_category']);
  expect(indexNames(tableOf(adPart.indexes))).toEqual(['all_rows', 'by_category', 'by_cell']);
  const { GlobalSecondaryIndexes, ...table } = tableOf({ city: 'region.city' });
  expect(table).toEqual({
    AttributeDefinitions: ['id', 'shard', 'by_city'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    BillingMode: 'PAY_PER_REQUEST',
  });
  expect(GlobalSecondaryIndexes[1]).toEqual({
    IndexName: 'by_city',
    KeySchema: [
      { AttributeName: 'by_city', KeyType: 'HASH' },
      { AttributeName: 'id', KeyType: 'RANGE' },
    ],
    Projection: { ProjectionType: 'KEYS_ONLY' },
  });
});

test('what DynamoDB would refuse is refused before', () => {
  const many = (most: number) => Object.fromEntries(Array.from({ length: most }, (_, n) => [`i${n}`, 'name']));
  expect(indexNames(tableOf(many(19)))).toHaveLength(20);
  expect(() => tableOf(many(20))).toThrow('DynamoDB takes 20 indexes of a table; these are 21 with "all_rows"');
  expect(() => tableOf({ 'a b': 'name' })).toThrow(RangeError);
});

test.each([
  ['한식_일반', '=한식'],
  ['한식', '=한식'],
  ['', '='],
  ['_x', '='],
  ['가'.repeat(200), `=${'가'.repeat(100)}`],
])('%j is looked up by %j', (value, head) => {
  expect(headOf(value)).toBe(head);
});

test('a condition tells the heads to look under, where it can', () => {
  expect(headsOf(['한식', { startsWith: '한식_' }])).toEqual(['=한식']);
  expect(headsOf(['a', 'b_c'])).toEqual(['=a', '=b']);
  expect(headsOf([])).toEqual([]);
  expect(headsOf({ startsWith: '한' })).toBeNull();
  expect(headsOf(['a', { contains: 'b' }])).toBeNull();
});

test('a value is a text as SQLite sees it', () => {
  const view = { a: { b: 'x', n: 5, yes: true, no: false, none: null, list: ['y'] } };
  const at = (name: string) => textAt(view, `a.${name}`);
  expect(['b', 'n', 'yes', 'no', 'none', 'missing', 'list', 'list.length', 'b.length'].map(at)).toEqual([
    ...['x', '5', '1', '0', null, null, '["y"]', null, null],
  ]);
});

/** An index over ids that counts its pages. */
function counted(all: readonly string[]): { ids: IdCursor; pages: () => number } {
  let pages = 0;
  const sorted = all.toSorted();
  const ids = inPages(async (from, most) => {
    pages++;
    const above = sorted.filter((id) => id >= from);
    return { ids: above.slice(0, most), isLast: above.length <= most };
  });
  return { ids, pages: () => pages };
}

const numbers = (count: number, step = 1) => Array.from({ length: count }, (_, n) => String(n * step).padStart(6, '0'));

test('the few of two lists decide how much is read of the many', async () => {
  const many = counted(numbers(100_000));
  const few = counted(numbers(5, 20_000));
  expect(await take(allOf([many.ids, few.ids]), '!', 10)).toEqual(numbers(5, 20_000));
  expect([many.pages(), few.pages()]).toEqual([5, 1]);
});

test('what two lists have in common is nothing else', async () => {
  const [twos, threes] = [counted(numbers(1_000, 2)), counted(numbers(1_000, 3))];
  expect(await take(allOf([twos.ids, threes.ids]), '!', 1_000)).toEqual(numbers(334, 6));
});

test('a long list is read in pages that grow', async () => {
  const long = counted(numbers(10_000));
  expect(await take(long.ids, '!', 10_000)).toHaveLength(10_000);
  expect(long.pages()).toBe(14);
});

test('lists are merged without doubles, and each is read no farther than it takes', async () => {
  const [odd, even] = [counted(numbers(1_000, 2)), counted(numbers(1_000, 3))];
  const merged = await take(anyOf([odd.ids, even.ids]), '!', 6);
  expect(merged).toEqual(['000000', '000002', '000003', '000004', '000006', '000008']);
  expect([odd.pages(), even.pages()]).toEqual([1, 1]);
});
