import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { cleanCell, LINE_END } from './clean-cell.ts';
import { decode, type Encoding } from './decode.ts';

/** One row with the line it begins on in the file. Its values are clean: what a person sees in the cells. */
export type CsvRow = { line: number; values: Record<string, string> };

/** The file can't be read as a whole, so nothing of it is imported. */
export class CsvError extends Error {
  override name = 'CsvError';
}

/** Columns without which a row says too little about a shop. */
const NEEDED = ['id', 'name', 'category', 'address', 'item', 'price'];

/** Reads a file of shops. Throws CsvError if there is none, or if readCsv does. */
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
 * Reads a snapshot of shops, all of it or nothing. Throws CsvError for what is no text, lacks a column, is cut off or
 * was put together of several files.
 */
export function readCsv(bytes: Uint8Array, encoding: Encoding | null = null): CsvRow[] {
  try {
    const [header = { line: 1, cells: [] }, ...lines] = linesOf(decode(bytes, encoding));
    checkColumns(header.cells);
    if (lines.length === 0) throw new Error('The file names no shop, which would close every one there is');
    return lines.map((line) => rowOf(line, header.cells));
  } catch (error) {
    throw new CsvError(`${(error as Error).message}. Nothing was imported.`, { cause: error });
  }
}

/** A line with something in it; a row with line breaks in its cells is one that begins there. */
type Line = { line: number; cells: string[] };

function linesOf(raw: string): Line[] {
  const text = plainEnds(raw);
  checkEnd(text);
  const stated = /^sep=(.)\n/i.exec(text)?.[1];
  const delimiter = stated ?? delimiterOf(text);
  const records = parse(text, {
    delimiter,
    // Blanks around quotes are no part of a cell; a tab may be what separates.
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

/** Files that were put together have a mark in the middle, maybe before a quote; DOS ended texts with U+001A. */
function plainEnds(raw: string): string {
  const text = raw.replaceAll('\ufeff', '').replace(LINE_END, '\n');
  const end = text.trimEnd();
  return end.endsWith('\u001a') ? end.slice(0, -1) : text;
}

/** csv-parse counts to the end of a row; a field with a line break makes it begin earlier. */
function firstLine(record: string[], last: number): number {
  return last - record.reduce((breaks, value) => breaks + value.split('\n').length - 1, 0);
}

/** Excel separates by what its user's country doesn't need in numbers; the columns that we know tell by what. */
function delimiterOf(text: string): string {
  const first = /\S.*/.exec(text)?.[0] ?? '';
  const known = (delimiter: string) =>
    first.split(delimiter).filter((cell) => NEEDED.includes(cleanCell(cell).replaceAll('"', ''))).length;
  return [',', ';', '\t', '|'].toSorted((a, b) => known(b) - known(a))[0] ?? ',';
}

/** Throws if a column is missing or stands twice: of two prices nobody can say which is meant. */
function checkColumns(columns: string[]): void {
  const missing = NEEDED.filter((name) => !columns.includes(name));
  const named = columns.filter((name) => name !== '');
  if (missing.length > 0) throw new Error(`The file lacks the column ${missing.join(', ')}; ${whatIsNamed(named)}`);
  const twice = named.filter((name, n) => named.indexOf(name) !== n);
  if (twice.length > 0) throw new Error(`The file has the column ${twice.join(', ')} twice`);
}

/** 200 characters: a line that names no columns may be long. */
const whatIsNamed = (named: string[]) =>
  named.length === 0
    ? 'its first line must name its columns, and it is empty'
    : `its first line must name its columns, and names: ${named.join(', ').slice(0, 200)}`;

function rowOf({ line, cells }: Line, columns: string[]): CsvRow {
  if (NEEDED.every((name) => cells.includes(name))) throw new Error(headerAgain(line));
  const nameless = cells.findIndex((cell, n) => cell !== '' && !columns[n]);
  if (nameless >= 0) throw new Error(tooLong(line, nameless, cells[nameless] ?? ''));
  const missing = columns.filter((name, n) => name !== '' && cells[n] === undefined);
  if (missing.length > 0) throw new Error(tooShort(line, cells.length, missing));
  const named = columns.map((name, n) => [name, cells[n] ?? ''] as const).filter(([name]) => name !== '');
  return { line, values: Object.fromEntries(named) };
}

const headerAgain = (line: number) =>
  `The columns are named again on line ${line}: files were put together. If both belong into one import, take that line out`;

const tooLong = (line: number, n: number, value: string) =>
  `Column ${n + 1} has no name, but "${value.slice(0, 40)}" stands in it on line ${line}. ` +
  'If it belongs to the cell before it, that cell needs quotes: it has a separator in it';

const tooShort = (line: number, cells: number, missing: string[]) =>
  `The row on line ${line} ends after ${cells} cells: it lacks ${missing.join(', ')}. It may be cut off`;

/** A cut in the last field leaves a row that looks whole; only the missing line break tells. */
function checkEnd(text: string): void {
  const lines = text.split('\n');
  if (cleanCell(lines.at(-1) ?? '') === '') return;
  throw new Error(`Line ${lines.length} has no line break at its end: the file is cut off. If it is whole, add one`);
}
