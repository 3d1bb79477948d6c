import { LRUCache } from 'lru-cache';
import { ProblemError } from '../../contracts/wire/problem.ts';
import type { Want } from '../../contracts/wire/source-api.ts';
import type { CheckedRow, CheckedSource } from './checked-rows.ts';

/** Reads the wanted resources by id; unknown ids are left out. */
export type ReadRows<State> = (wants: readonly Want[]) => Promise<Map<string, CheckedRow<State>>>;

/** 60 s and 10,000 resources: a consumer asks again within seconds, and a forgotten entry costs one more question. */
const REMEMBERED = { ttl: 60_000, max: 10_000 };

/**
 * Makes a reader of resources that asks a replica if there is one. A resource that is behind its Min-Version on the
 * replica is first answered with that version, or with version 0 if it is unknown there. The second request for it is
 * answered by the primary.
 */
export function createReadRows<State>(
  { read, readPrimary }: Pick<CheckedSource<State>, 'read' | 'readPrimary'>,
  now: () => number,
  onFault: (error: Error) => void,
): ReadRows<State> {
  if (readPrimary === undefined) return async (wants) => byId(await read(idsOf(wants)));
  const asked = new LRUCache<string, true>({ ...REMEMBERED, ttlResolution: 0, perf: { now } });

  async function askPrimary(wants: readonly Want[], rows: Map<string, CheckedRow<State>>): Promise<void> {
    try {
      const known = byId((await readPrimary?.(idsOf(wants))) ?? []);
      for (const { id } of wants) replace(rows, id, known.get(id));
    } catch (error) {
      // The caller must learn that it asked for too much at once.
      if (error instanceof ProblemError) throw error;
      // The resource then stays behind, and the other resources of the batch are answered.
      onFault(error as Error);
    }
  }

  return async (wants) => {
    const rows = byId(await read(idsOf(wants)));
    const behind = wants.filter(({ id, minVersion = 0 }) => (rows.get(id)?.version ?? 0) < minVersion);
    const again = behind.filter(({ id }) => asked.has(id));
    for (const { id } of behind) {
      asked.set(id, true);
      if (!rows.has(id)) rows.set(id, { id, version: 0, state: null });
    }
    if (again.length > 0) await askPrimary(again, rows);
    return rows;
  };
}

function replace<Value>(map: Map<string, Value>, key: string, value: Value | undefined): void {
  if (value === undefined) map.delete(key);
  else map.set(key, value);
}

const idsOf = (wants: readonly Want[]): string[] => wants.map(({ id }) => id);

const byId = <State>(rows: readonly CheckedRow<State>[]) => new Map(rows.map((row) => [row.id, row]));
