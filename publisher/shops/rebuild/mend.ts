import type pg from 'pg';
import type { Database } from '../../postgres/database.ts';
import { compareSnapshot, compareStored, rowOf, type StoredDifference } from './check.ts';
import { type FoldedState, foldEvents } from './fold-events.ts';
import {
  insertRow,
  removeOrphans,
  rowsOf,
  type StoredRow,
  snapshotsBetween,
  updateRow,
  writeSnapshot,
} from './stored.ts';

/** Result of mending one shop: the parts written again, and the differences that can't be mended. */
export type Mended = { shop: string; row: boolean; snapshots: number[]; left: StoredDifference[] };

/**
 * Mends a shop: writes its row and snapshots again where they differ from the fold of its events, and removes snapshots
 * of versions that it never had. Events are only read. The row is locked and the events are folded again behind the
 * lock, so that a command that comes meanwhile waits and finds the shop mended.
 */
export async function mendShop(database: pg.Client, shop: string): Promise<Mended> {
  await database.query('begin');
  try {
    const mended = await mend(database, shop);
    await database.query('commit');
    return mended;
  } catch (error) {
    await database.query('rollback').catch(() => undefined);
    throw error;
  }
}

async function mend(database: pg.Client, shop: string): Promise<Mended> {
  const found = (await rowsOf(database, [shop], true)).get(shop);
  const mended: Mended = { shop, row: false, snapshots: [], left: found === undefined ? [] : [rowWithoutEvents(shop)] };
  for await (const states of foldEvents(database, shop)) {
    mended.left = [];
    mended.snapshots.push(...(await mendSnapshots(database, states)));
    const last = states.find(({ isLast }) => isLast);
    if (last !== undefined) Object.assign(mended, await mendRow(database, last, found));
  }
  mended.snapshots.push(...(await removeOrphans(database, shop)));
  return mended;
}

/** Writes snapshots again, and returns their versions. */
async function mendSnapshots(database: Database, states: readonly FoldedState[]): Promise<number[]> {
  const [first, last] = [states[0], states.at(-1)];
  if (first === undefined || last === undefined) return [];
  const versions: number[] = [];
  for (const snapshot of await snapshotsBetween(database, first, last)) {
    const state = states[snapshot.version - first.version];
    if (!state?.shop || compareSnapshot(state, snapshot).length === 0) continue;
    await writeSnapshot(database, { ...snapshot, state: state.shop });
    versions.push(snapshot.version);
  }
  return versions;
}

async function mendRow(
  database: Database,
  last: FoldedState,
  found: StoredRow | undefined,
): Promise<Pick<Mended, 'row' | 'left'>> {
  const [row, differences] = [rowOf(last), compareStored(last, found)];
  if (row === null) return { row: false, left: differences };
  if (differences.length === 0) return { row: false, left: [] };
  if (found === undefined) await insertRow(database, row);
  else await updateRow(database, row);
  return { row: true, left: [] };
}

/**
 * Makes the difference for a row without events. Its origin is unknown, so a person must decide whether to delete it.
 */
function rowWithoutEvents(shop: string): StoredDifference {
  const expected = 'nothing: no event stands behind it';
  return { shop, where: 'shop', version: null, field: '', expected, found: 'a row without events' };
}
