import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';

/** One row with the line it begins on. */
export type CsvRow = { line: number; values: Record<string, string> };

/** The file can't be read as a whole, so nothing of it is imported. */
export class CsvError extends Error {
  override name = 'CsvError';
}

/** Columns without which a row says too little about a shop. */
const NEEDED = ['id', 'name', 'category', 'address', 'item', 'price'];

/** Reads a file of shops. Throws CsvError if there is none, or if readCsv does. */
export function readCsvFile(path: string): CsvRow[] {
  return readCsv(bytesOf(path));
}

function bytesOf(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw new CsvError(`${path} can't be read: ${(cause as Error).message}. Nothing was imported.`, { cause });
  }
}

/** Reads a snapshot of shops, all of it or nothing. Throws CsvError for what is not UTF-8, lacks a column or is cut off. */
export function readCsv(bytes: Uint8Array): CsvRow[] {
  const text = decode(bytes);
  checkEnd(text);
  try {
    if (text.trim() === '') checkColumns([]);
    const records = parse(text, { columns: checkColumns, bom: true, info: true }) as unknown as Parsed[];
    if (records.length === 0) throw new Error('The file names no shop, which would close every one there is');
    return records.map(({ record, info }) => ({ line: firstLine(record, info.lines), values: record }));
  } catch (error) {
    throw new CsvError(`${(error as Error).message}. Nothing was imported.`, { cause: error });
  }
}

type Parsed = { record: Record<string, string>; info: { lines: number } };

/** csv-parse counts to the end of a row; a field with a line break makes it begin earlier. */
function firstLine(record: Record<string, string>, last: number): number {
  return last - Object.values(record).reduce((breaks, value) => breaks + value.split('\n').length - 1, 0);
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw new CsvError('The file is not UTF-8 (it may be CP949): convert it first. Nothing was imported.', { cause });
  }
}

/** Throws if a column is missing or stands twice: of two prices nobody can say which is meant. */
function checkColumns(header: string[]): string[] {
  const columns = header.map((name) => name.trim());
  const missing = NEEDED.filter((name) => !columns.includes(name));
  if (missing.length > 0)
    throw new Error(`The file lacks the column ${missing.join(', ')}; its first line must name its columns`);
  const twice = columns.filter((name, n) => columns.indexOf(name) !== n);
  if (twice.length > 0) throw new Error(`The file has the column ${twice.join(', ')} twice`);
  return columns;
}

/** A cut in the last field leaves a row that looks whole; only the missing line break tells. */
function checkEnd(text: string): void {
  if (text === '' || text.endsWith('\n')) return;
  const line = text.split('\n').length;
  throw new CsvError(
    `Line ${line} has no line break at its end: the file is cut off. If it is whole, add one. Nothing was imported.`,
  );
}
