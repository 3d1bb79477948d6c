import type { Condition, Filter, LivingRow, ViewStore } from '../runtime/views/view-store.ts';
import { cellsAround, metres, type Point, reachOf } from './cells.ts';
import type { Advertisement } from './consumer.ts';

/** 한식 stands for 한식_일반 and its other kinds, too. */
const kindsOf = (category: string): Condition[] => [category, { startsWith: `${category}_` }];

/** A shop that may be advertised; `distance` in metres, null where nobody asked how far it is. */
export type Candidate = LivingRow<Advertisement> & { distance: number | null };

type Store = Pick<ViewStore<Advertisement>, 'query'>;

/** 40 squares: some 400 kilometres, from one end of Korea to the other. */
const MOST_RINGS = 40;
/**
 * After 49 squares without enough of them it may be that there are not many anywhere: 500 are read at once sooner than
 * they are found square by square, each of which is a request where the views are not on this machine.
 */
const FEW = { rings: 4, shops: 500 };
/** Shops in one square. Seoul's fullest has a few hundred. */
const IN_A_RING = 10_000;

/**
 * Open shops of a category (null: of any), in id order; where a point is given, only those whose place is known, the
 * nearest first. Squares are looked through in rings around the point until nothing nearer can follow.
 */
export async function pickCandidates(
  store: Store,
  category: string | null,
  near: Point | null,
  limit: number,
): Promise<Candidate[]> {
  const filter: Filter = { openness: 'open', ...(category !== null && { category: kindsOf(category) }) };
  if (near !== null) return nearest(store, filter, near, limit);
  return (await store.query(filter, '', limit)).map((row) => ({ ...row, distance: null }));
}

async function nearest(store: Store, filter: Filter, near: Point, limit: number): Promise<Candidate[]> {
  let found: Measured[] = [];
  for (let ring = 0; ring <= MOST_RINGS; ring++) {
    const all = ring === FEW.rings ? await store.query(filter, '', FEW.shops) : null;
    if (all !== null && all.length < FEW.shops) return rounded(byDistance(measure(all, near)), limit);
    const rows = await store.query({ ...filter, cell: cellsAround(near, ring) }, '', IN_A_RING);
    found = byDistance([...found, ...measure(rows, near)]);
    const last = found[limit - 1];
    if (last !== undefined && last.distance <= reachOf(near, ring)) return rounded(found, limit);
  }
  // Somebody who asks from far away, or for more than there are.
  return rounded(byDistance(measure(await store.query(filter, '', IN_A_RING), near)), limit);
}

type Measured = LivingRow<Advertisement> & { distance: number };

function measure(rows: LivingRow<Advertisement>[], near: Point): Measured[] {
  return rows.flatMap((row) => (row.view.place === null ? [] : { ...row, distance: metres(near, row.view.place) }));
}

const byDistance = (rows: Measured[]) => rows.toSorted((a, b) => a.distance - b.distance);

const rounded = (rows: Measured[], limit: number): Candidate[] =>
  rows.slice(0, limit).map((row) => ({ ...row, distance: Math.round(row.distance) }));
