import type { Condition, Filter, LivingRow, ViewStore } from '../runtime/views/view-store.ts';
import { cellsAround, metres, type Point, reachOf } from './cells.ts';
import type { Advertisement } from './consumer.ts';

/** Makes conditions for a category: 한식 also finds 한식_일반 and its other kinds. */
const kindsOf = (category: string): Condition[] => [category, { startsWith: `${category}_` }];

/** A shop that may be advertised; `distance` in metres, null where no point was given. */
export type Candidate = LivingRow<Advertisement> & { distance: number | null };

type Store = Pick<ViewStore<Advertisement>, 'query'>;

/** 40 squares: some 400 kilometres, from one end of Korea to the other. */
const MOST_RINGS = 40;
/**
 * 500 shops: after 49 squares without enough shops there may be few anywhere. Reading 500 at once is then faster than
 * searching square by square, because each square is a request where views are on another machine.
 */
const FEW = { rings: 4, shops: 500 };
/** Shops in one square. Seoul's fullest has a few hundred. */
const IN_A_RING = 10_000;

/**
 * Picks open shops of a category (null: of any), in id order. With a point, it picks only shops whose place is known,
 * the nearest first: it searches squares in rings around the point until no nearer shop can follow.
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
  // The point is far away from all shops, or the caller asks for more than there are.
  return rounded(byDistance(measure(await store.query(filter, '', IN_A_RING), near)), limit);
}

type Measured = LivingRow<Advertisement> & { distance: number };

function measure(rows: LivingRow<Advertisement>[], near: Point): Measured[] {
  return rows.flatMap((row) => (row.view.place === null ? [] : { ...row, distance: metres(near, row.view.place) }));
}

const byDistance = (rows: Measured[]) => rows.toSorted((a, b) => a.distance - b.distance);

const rounded = (rows: Measured[], limit: number): Candidate[] =>
  rows.slice(0, limit).map((row) => ({ ...row, distance: Math.round(row.distance) }));
