import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { cleanCell, LINE_END } from './clean-cell.ts';
import { decode, type Encoding } from './decode.ts';

/** One row with the number of its first line. Its values are clean: the text that a person sees. */
export type CsvRow = { line: number; values: Record<string, string> };

/** Thrown if the file can't be read completely. Then nothing is imported. */
export class CsvError extends Error {
  override name = 'CsvError';
}

/** Columns without which a row says too little about a shop. */
const NEEDED = ['id', 'name', 'category', 'address', 'item', 'price'];

/** Reads a file of shops. Throws CsvError if it does not exist, or readCsv refuses it. */
export function readCsvFile(path: string, encoding: Encoding | null = null): CsvRow[] {
  return readCsv(bytesOf(path), encoding);
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CsvError(`${path} can't be read: ${(cause as Error).message}. Nothing was imported.`, { cause });
  }
}

/**
 * Reads a snapshot of shops completely, or not at all. Throws CsvError if it is not text, lacks a column, is cut off
 * or was joined from several files.
 */
export function readCsv(bytes: Uint8Array, encoding: Encoding | null = null): CsvRow[] {
  try {
    const [header = { line: 1, cells: [] }, ...lines] = linesOf(decode(bytes, encoding));
    checkColumns(header.cells);
    if (lines.length === 0) throw new Error('The file has no shop, so the import would close all shops');
    return lines.map((line) => rowOf(line, header.cells));
  } catch (error) {
    throw new CsvError(`${(error as Error).message}. Nothing was imported.`, { cause: error });
  }
}

/** A row that is not empty, with the number of its first line. */
type Line = { line: number; cells: string[] };

function linesOf(raw: string): Line[] {
  const text = plainEnds(raw);
  checkEnd(text);
  const stated = /^sep=(.)\n/i.exec(text)?.[1];
  const delimiter = stated ?? delimiterOf(text);
  const records = parse(text, {
    delimiter,
    // Blanks around quotes are not part of a cell, unless a tab separates the cells.
    trim: delimiter !== '\t',
    record_delimiter: '\n',
    from_line: stated === undefined ? 1 : 2,
    relax_column_count: true,
    info: true,
  }) as unknown as { record: string[]; info: { lines: number } }[];
  return records
    .map(({ record, info }) => ({ line: firstLine(record, info.lines), cells: record.map(cleanCell) }))
    .filter(({ cells }) => cells.some((cell) => cell !== ''));
}

/** Removes byte order marks, which joined files have in the middle, and the U+001A at the end of DOS texts. */
function plainEnds(raw: string): string {
  const text = raw.replaceAll('\ufeff', '').replace(LINE_END, '\n');
  const end = text.trimEnd();
  return end.endsWith('\u001a') ? end.slice(0, -1) : text;
}

/** Returns the first line of a row: csv-parse counts to its last line, and cells may have line breaks. */
function firstLine(record: string[], last: number): number {
  return last - record.reduce((breaks, value) => breaks + value.split('\n').length - 1, 0);
}

/** Finds the separator by the known columns: Excel chooses it by the country of its user. */
function delimiterOf(text: string): string {
  const first = /\S.*/.exec(text)?.[0] ?? '';
  const known = (delimiter: string) =>
    first.split(delimiter).filter((cell) => NEEDED.includes(cleanCell(cell).replaceAll('"', ''))).length;
  return [',', ';', '\t', '|'].toSorted((a, b) => known(b) - known(a))[0] ?? ',';
}

/** Throws if a column is missing or occurs twice: with two prices it is unclear which one is right. */
function checkColumns(columns: string[]): void {
  const missing = NEEDED.filter((name) => !columns.includes(name));
  const named = columns.filter((name) => name !== '');
  if (missing.length > 0) throw new Error(`The file lacks the column ${missing.join(', ')}; ${whatIsNamed(named)}`);
  const twice = named.filter((name, n) => named.indexOf(name) !== n);
  if (twice.length > 0) throw new Error(`The file has the column ${twice.join(', ')} twice`);
}

/** Names the columns of the first line, at most 200 characters: it may be no header at all. */
const whatIsNamed = (named: string[]) =>
  named.length === 0
    ? 'its first line must name its columns, and it is empty'
    : `its first line must name its columns, and names: ${named.join(', ').slice(0, 200)}`;

function rowOf({ line, cells }: Line, columns: string[]): CsvRow {
  if (isHeader(cells)) throw new Error(headerAgain(line));
  const nameless = cells.findIndex((cell, n) => cell !== '' && !columns[n]);
  if (nameless >= 0) throw new Error(tooLong(line, nameless, cells[nameless] ?? ''));
  const missing = columns.filter((name, n) => name !== '' && cells[n] === undefined);
  if (missing.length > 0) throw new Error(tooShort(line, cells.length, missing));
  const named = columns.map((name, n) => [name, cells[n] ?? ''] as const).filter(([name]) => name !== '');
  return { line, values: Object.fromEntries(named) };
}

/** Most names of columns in one row are no shop, in whatever case and beside whatever else they stand. */
function isHeader(cells: readonly string[]): boolean {
  const words = new Set(cells.map((cell) => cell.toLowerCase()));
  return NEEDED.filter((name) => words.has(name)).length > NEEDED.length / 2;
}

const headerAgain = (line: number) =>
  `The columns are named again on line ${line}: several files were joined. To import all of them, remove that line`;

const tooLong = (line: number, n: number, value: string) =>
  `Column ${n + 1} has no name, but "${value.slice(0, 40)}" stands in it on line ${line}. ` +
  'If it belongs to the cell before it, put that cell in quotes: it has a separator in it';

const tooShort = (line: number, cells: number, missing: string[]) =>
  `The row on line ${line} ends after ${cells} cells: it lacks ${missing.join(', ')}. It may be cut off`;

/** Throws if the last line has no line break: a cut in its last cell leaves a row that looks complete. */
function checkEnd(text: string): void {
  const lines = text.split('\n');
  if (cleanCell(lines.at(-1) ?? '') === '') return;
  throw new Error(
    `Line ${lines.length} has no line break at its end: the file may be cut off. If it is complete, add a line break`,
  );
}
