import type { Database } from '../../postgres/database.ts';
import { columnsOf } from '../store/event-store.ts';
import { differencesOf } from './differences.ts';
import { type FoldedState, foldEvents } from './fold-events.ts';
import {
  type Orphan,
  orphanRows,
  orphanSnapshots,
  rowsOf,
  type StoredRow,
  type StoredSnapshot,
  snapshotsBetween,
} from './stored.ts';

/** Stored data that differs from the fold of the events. */
export type StoredDifference = {
  shop: string;
  /** Place of the difference: the shop's row, a snapshot, or the events themselves, which can't be mended here. */
  where: 'shop' | 'snapshot' | 'events';
  version: number | null;
  /** Field such as `state.menu.0.price`; empty where the whole value is wrong. */
  field: string;
  expected: unknown;
  found: unknown;
};

/** One part of a check: the amounts that it checked, and the differences. */
export type Checked = { events: number; shops: number; snapshots: number; differences: StoredDifference[] };

/**
 * Folds all events and compares the states with the rows of shops and with every snapshot, part by part. It must run in
 * one `repeatable read` transaction, so that no change made meanwhile counts as a difference.
 */
export async function* checkAll(database: Database): AsyncGenerator<Checked> {
  for await (const states of foldEvents(database)) yield checkStates(database, states);
  for (const read of [orphanRows, orphanSnapshots])
    for await (const page of pages(database, read))
      yield { events: 0, shops: 0, snapshots: 0, differences: page.map(orphaned) };
}

/** Reads page after page, each from the last entry of the previous one. */
async function* pages(database: Database, read: typeof orphanRows): AsyncGenerator<Orphan[]> {
  for (let after: Orphan | undefined = { id: '', version: 0 }; after !== undefined; ) {
    const page: Orphan[] = await read(database, after);
    yield page;
    after = page.at(-1);
  }
}

/** Compares some states with their stored rows and snapshots. */
async function checkStates(database: Database, states: readonly FoldedState[]): Promise<Checked> {
  const [first, last] = [states[0], states.at(-1)];
  if (first === undefined || last === undefined) return { events: 0, shops: 0, snapshots: 0, differences: [] };
  const lasts = states.filter(({ isLast }) => isLast);
  const rows = await rowsOf(
    database,
    lasts.map(({ id }) => id),
  );
  const snapshots = await snapshotsBetween(database, first, last);
  const known = new Map(states.map((state) => [placeOf(state), state]));
  const differences = [
    ...lasts.flatMap((state) => compareStored(state, rows.get(state.id))),
    ...snapshots.flatMap((snapshot) => compareSnapshot(known.get(placeOf(snapshot)), snapshot)),
  ];
  return { events: states.length, shops: lasts.length, snapshots: snapshots.length, differences };
}

const placeOf = ({ id, version }: { id: string; version: number }) => `${id} ${version}`;

/** Makes the row that a state should be stored as; null where the events can't be folded. */
export function rowOf({ id, version, shop }: FoldedState): StoredRow | null {
  return shop && { id, version, ...columnsOf(shop) };
}

/** Compares a shop's row with its last state. Pure. */
export function compareStored(state: FoldedState, found: StoredRow | undefined): StoredDifference[] {
  const { id: shop, version, fault } = state;
  const expected = rowOf(state);
  if (expected === null) return [{ shop, where: 'events', version, field: '', expected: 'a shop', found: fault }];
  if (found === undefined)
    return [{ shop, where: 'shop', version, field: '', expected: `version ${version}`, found: 'missing' }];
  return differencesOf(expected, found).map((difference) => ({ shop, where: 'shop', version, ...difference }));
}

/** Compares a snapshot with the state at its version. A snapshot without an event at its version is an orphan. Pure. */
export function compareSnapshot(
  state: FoldedState | undefined,
  { id, version, state: found }: StoredSnapshot,
): StoredDifference[] {
  if (state === undefined || state.shop === null) return [];
  const differences = differencesOf({ state: state.shop }, { state: found });
  return differences.map((difference) => ({ shop: id, where: 'snapshot', version, ...difference }));
}

function orphaned({ id, version }: Orphan): StoredDifference {
  const where = version === null ? 'shop' : 'snapshot';
  return { shop: id, where, version, field: '', expected: 'nothing: no event stands behind it', found: 'is there' };
}
