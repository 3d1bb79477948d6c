import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { commands } from '../../../contracts/shops/commands.ts';
import { doubtsAbout } from '../../../localstack/import/doubts.ts';
import { type ImportPlan, planImport } from '../../../localstack/import/plan.ts';
import type { PresentShop } from '../../../localstack/import/planned.ts';
import { type CsvRow, readCsv } from '../../../localstack/import/read-csv.ts';
import { runPlan } from '../../../localstack/import/run-plan.ts';

const textOf = (snapshot: string) => readFileSync(`localstack/data/shops-${snapshot}.csv`, 'utf8');
const rowsOf = (text: string) => readCsv(new TextEncoder().encode(text));
const first = rowsOf(textOf('2021-03'));
const later = rowsOf(textOf('2024-02'));

/** What is there after an import into nothing, with what the contract makes of every text. */
function presentAfter(rows: CsvRow[]): Map<string, PresentShop> {
  const bodies = planImport(rows, new Map()).shops.map((plan) => plan.commands[0]?.body);
  const shops = bodies.map((body) => z.parse(commands.registerShop.body, body));
  return new Map(shops.map((shop) => [shop.id ?? '', { ...shop, version: 1 } as PresentShop]));
}

const kinds = ({ shops }: ImportPlan) => {
  const of = (kind: string) => shops.filter((shop) => shop.kind === kind).length;
  return { register: of('register'), change: of('change'), close: of('close') };
};

const firstPresent = presentAfter(first);
const laterPresent = presentAfter(later);

/** The file with other cells in a column; the real files quote some cells, and rows with one stay as they are. */
function spoilText(column: string, change: (cell: string) => string): string {
  const [header = '', ...rows] = textOf('2021-03').split('\n');
  const n = header.split(',').indexOf(column);
  const spoiled = rows.map((row) =>
    row.includes('"') || row === ''
      ? row
      : row
          .split(',')
          .with(n, change(row.split(',')[n] ?? ''))
          .join(','),
  );
  return [header, ...spoiled].join('\n');
}

const spoilRows = (column: string, change: (cell: string) => string): CsvRow[] =>
  first.map(({ line, values }) => ({ line, values: { ...values, [column]: change(values[column] ?? '') } }));

describe('the real shops, imported again', () => {
  test.each([
    ['as they are', textOf('2021-03')],
    ['in NFD, as macOS writes', textOf('2021-03').normalize('NFD')],
    ['with a header of Unix and rows of Windows', textOf('2021-03').replaceAll('\n', '\r\n').replace('\r\n', '\n')],
    ['with the line ends of old Macs', textOf('2021-03').replaceAll('\n', '\r')],
    ['with a zero-width blank before the province', spoilText('province', (cell) => `\u200b${cell}`)],
    ['with blanks of another width around the city', spoilText('city', (cell) => `\u00a0${cell}\u3000`)],
    ['with carriage returns after the city', spoilText('city', (cell) => `${cell}\u2028`)],
    ["with Excel's empty columns", textOf('2021-03').replaceAll('\n', ',,,\n')],
  ])('%s change nothing, and no remark is another', (_, text) => {
    const plan = planImport(rowsOf(text), firstPresent);
    expect(plan).toMatchObject({ shops: [], unchanged: 5_690, leftOut: [], losses: [] });
    expect(plan.remarks).toEqual(planImport(first, new Map()).remarks);
  });

  test.each([
    ['2021-03', first, firstPresent, 5_690, 5_690, 0, 25],
    ['2024-02', later, laterPresent, 7_105, 7_099, 6, 14],
  ])('count as docs/data.md says: %s', (_, rows, present, all, shops, leftOut, remarks) => {
    const plan = planImport(rows, new Map());
    expect([plan.rows, plan.shops.length, plan.leftOut.length, plan.remarks.length]).toEqual([
      all,
      shops,
      leftOut,
      remarks,
    ]);
    expect(planImport(rows, present).shops).toEqual([]);
  });
});

describe('an import is doubted', () => {
  const SHARE = 0.2;
  const doubts = (rows: CsvRow[], present = firstPresent) => doubtsAbout(planImport(rows, present), SHARE);

  test('not for three years of real changes, to and fro', () => {
    const plan = planImport(later, firstPresent);
    expect(kinds(plan)).toMatchObject({ register: 4_579, close: 3_170 });
    expect(doubtsAbout(plan, SHARE)).toEqual([]);
    expect(doubts(first, laterPresent)).toEqual([]);
  });

  test.each([
    ['parking', () => '', 'the parking of 5,252 of the 5,252'],
    ['parking', (cell: string) => (cell === 'Y' ? '예' : '아니오'), 'the parking of 5,252 of the 5,252'],
    ['delivery', () => '', 'the delivery of'],
    ['hours', () => '', 'the hours of'],
    ['province', () => '', 'the province of'],
    ['item', () => '', 'the item of'],
    ['price', (cell: string) => `${cell}원`, 'the price of'],
    ['price_note', () => '', 'the price note of'],
  ])('if it would empty what is known of %s', (column, change, words) => {
    const said = doubts(spoilRows(column, change));
    expect(said).toContainEqual(expect.stringContaining(words));
  });

  test('not for a city that the file leaves empty: a province alone says nothing of it, so it stays', () => {
    expect(
      planImport(
        spoilRows('city', () => ''),
        firstPresent,
      ),
    ).toMatchObject({ shops: [], losses: [] });
  });

  test('not if the file has no such column: what is known stays', () => {
    const rows = first.map(({ line, values: { parking: _, ...values } }) => ({ line, values }));
    expect(planImport(rows, firstPresent)).toMatchObject({ shops: [], losses: [] });
  });

  test('not for a share that may be lost unasked', () => {
    const rows = first.map((row, n) => (n % 10 === 0 ? { ...row, values: { ...row.values, parking: '' } } : row));
    const { losses } = planImport(rows, firstPresent);
    expect(losses).toEqual([{ field: 'parking', shops: expect.any(Number), known: 5_252 }]);
    expect(losses[0]?.shops).toBeGreaterThan(400);
    expect(doubts(rows)).toEqual([]);
    expect(doubtsAbout(planImport(rows, firstPresent), 0.05)).toHaveLength(1);
  });

  test('if it was cut off between two rows: shops would close, and none come in their place', () => {
    expect(doubts(first.slice(0, 3_000))).toEqual(['This would close 2,690 of 5,690 living shops.']);
    expect(doubts(first.slice(0, 5_000))).toEqual([]);
    expect(doubts(later.slice(0, 2_000))).toEqual([expect.stringMatching(/^This would close [\d,]+ of 5,690 living/)]);
  });

  test('if it has other shops altogether, however many', () => {
    const known = new Set(first.map(({ values }) => values.id));
    const others = later.filter(({ values }) => !known.has(values.id));
    expect(doubts(others)).toEqual(['This would close 5,690 of 5,690 living shops and register 4,579 others.']);
  });
});

test('a shop whose commands made no event is not counted as changed', async () => {
  const rows = first.slice(0, 2).map(({ line, values }) => ({ line, values: { ...values, category: '양식' } }));
  const present = new Map([...firstPresent].slice(0, 2));
  const result = await runPlan(planImport(rows, present), {
    send: async ({ path }) => {
      const events = path.endsWith(first[0]?.values.id ?? '-') ? [{ type: 'shop.details-changed' }] : [];
      return { status: 200, version: 2, events, detail: '' };
    },
    name: 'test.csv',
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  expect(result).toMatchObject({ changed: 1, unchanged: 1, failed: [], events: { 'shop.details-changed': 1 } });
});
