import { inspect } from 'node:util';
import type * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { firstIssue } from '../../contracts/wire/issues.ts';
import { ResourceId } from '../../contracts/wire/resource.ts';
import { BATCH_LIMIT } from '../../contracts/wire/source-api.ts';
import type { LogSource, RowSource, SourceRow } from './source.ts';

/** A row that was checked. `isBroken`: the service returned something else than a version, and the row can't be shown. */
export type CheckedRow<State> = { id: string; version: number; state: State | null; isBroken?: true };

/** A page of checked rows, and the id at which to go on; null at the end. Rows without a valid id are left out. */
export type CheckedPage<State> = { rows: CheckedRow<State>[]; last: string | null };

/** The reads of a source, with every row checked. A row that is wrong harms no other, and is named to `onFault`. */
export type CheckedSource<State> = {
  read: (ids: readonly string[]) => Promise<CheckedRow<State>[]>;
  readPrimary?: (ids: readonly string[]) => Promise<CheckedRow<State>[]>;
  /** Throws where the page does not go on from `after` in the order of bytes: reading would never end. */
  readPage: (after: string, limit: number) => Promise<CheckedPage<State>>;
};

/** The service's own code returned something that breaks the port of a source. The message says what to return. */
export class SourceBroken extends Error {
  override name = 'SourceBroken';
}

/** Wraps the reads of a source. */
export function checkedSource<State>(
  { name }: Pick<Agreement, 'name'>,
  given: RowSource<State> | LogSource<State, unknown>,
  onFault: (error: Error) => void,
): CheckedSource<State> {
  const source = rowsOf(given);
  const { primary } = source;
  const check = (rows: SourceRow<State>[], by: string) =>
    rows.flatMap((row) => checked(row, `${name}: ${by}`, onFault));
  return {
    read: async (ids) => check(await source.read(ids), 'read'),
    ...(primary && { readPrimary: async (ids: readonly string[]) => check(await primary.read(ids), 'primary.read') }),
    async readPage(after, limit) {
      const rows = await source.readPage(after, limit);
      requireOrder(rows, after, name);
      return { rows: check(rows, 'readPage'), last: rows.at(-1)?.id ?? null };
    },
  };
}

/** Makes the reads of a source that stands on a change log. */
function rowsOf<State>(source: RowSource<State> | LogSource<State, unknown>): RowSource<State> {
  if (source.log === undefined) return source;
  const { log, read } = source;
  return { read: (ids) => log.read(ids, read), readPage: (after, limit) => log.readPage(after, limit, read) };
}

/** Reads all pages, for digests. */
export async function* pagesOf<State>({ readPage }: Pick<CheckedSource<State>, 'readPage'>) {
  for (let after: string | null = ''; after !== null; ) {
    const page: CheckedPage<State> = await readPage(after, BATCH_LIMIT);
    yield page.rows;
    after = page.last;
  }
}

function checked<State>(row: SourceRow<State>, by: string, onFault: (error: Error) => void): CheckedRow<State>[] {
  const id = typeof row?.id === 'number' || typeof row?.id === 'bigint' ? String(row.id) : row?.id;
  if (typeof id !== 'string' || !ResourceId.safeParse(id).success) {
    onFault(new SourceBroken(`${by} returned the id ${shown(id)}: ${reasonOf(id)}`));
    return [];
  }
  const version = typeof row.version === 'number' ? row.version : Number(row.version || Number.NaN);
  if (Number.isSafeInteger(version) && version >= 1) return [{ id, version, state: row.state ?? null }];
  onFault(new SourceBroken(`${by} returned the version ${shown(row.version)} for ${id}: return a whole number from 1`));
  return [{ id, version: Number.MAX_SAFE_INTEGER, state: null, isBroken: true }];
}

function requireOrder(rows: readonly SourceRow<unknown>[], after: string, name: string): void {
  let last = after;
  for (const row of rows) {
    const id = String(row?.id);
    if (id <= last)
      throw new SourceBroken(
        `${name}: readPage after ${shown(after)} returned ${shown(id)} after ${shown(last)}: return ids above \`after\`, ` +
          'in the order of their bytes (order by id collate "C")',
      );
    last = id;
  }
}

const reasonOf = (id: unknown): string => firstIssue(ResourceId.safeParse(id).error as z.core.$ZodError);

const shown = (value: unknown): string =>
  (typeof value === 'string' ? JSON.stringify(value) : inspect(value, { depth: 0 })).slice(0, 100);
