import type { EventType } from '../../../contracts/shops/event-types.ts';
import type { Database } from '../../postgres/database.ts';
import type { Ring } from '../../relay/ring.ts';

/** Events to ring again. `since` is included and `until` is not: ISO 8601 instants; null is no limit. */
export type Selection = {
  types: EventType[];
  since: string | null;
  until: string | null;
  /** Ids of shops; null selects all. */
  shops: string[] | null;
};

/** Events of one type in a selection, and the rings left after merging those of the same shop and type. */
export type TypeCount = { type: EventType; events: number; rings: number };

/**
 * 10,000 positions per read, however many of them are selected: no statement takes long, even if selected events are
 * rare. Events of named shops are found by their shops, all at once: at most one ring per shop and type is left.
 */
const WINDOW = 10_000;

/** A part of a selection: its rings, oldest first, its number of events of each type, and its end. */
export type Stretch = { rings: Ring[]; counts: TypeCount[]; end: number };

/**
 * Reads the part after a position. Of a shop's events of one type, only the last of the whole selection rings, wherever
 * the part ends. That needs no memory, since no event is ever added below `upto`. 10,000 events take some 60 ms.
 */
export async function readStretch(
  database: Database,
  selection: Selection,
  position: number,
  upto: number,
): Promise<Stretch> {
  const { types, since, until, shops } = selection;
  const end = shops === null ? Math.min(position + WINDOW, upto) : upto;
  const parameters = [position, end, upto, types, since ?? '-infinity', until ?? 'infinity', shops];
  const { rows } = await database.query<SelectedRow>(selected, parameters);
  const rings = rows.filter(({ isLast }) => isLast);
  return { rings: rings.map(toRing), counts: countByType(types, rows), end };
}
// `id + 0` avoids the primary key: the index by shop is the right one here.
const selected = {
  name: 'selected-rings',
  text: `
    with stretch as (
      select id, shop_id, version, type, event_id, at from shop_events
      where $7::text[] is null and id > $1 and id <= $2 and type = any($4) and at >= $5 and at < $6
      union all
      select event.id, shop_id, version, type, event_id, at
      from unnest($7::text[]) as shop (id) join shop_events as event on event.shop_id = shop.id
      where event.id + 0 > $1 and event.id + 0 <= $2 and type = any($4) and at >= $5 and at < $6
    ), last as materialized (
      select distinct on (shop_id, type) *, count(*) over (partition by shop_id, type) as events
      from stretch order by shop_id, type, id desc
    )
    select id as position, shop_id as id, type, version, event_id as "eventId",
           (extract(epoch from at) * 1000)::bigint as "occurredAt", events, (
             select true from shop_events as later
             where later.shop_id = last.shop_id and later.version > last.version and later.type = last.type
               and later.id + 0 > $2 and later.id + 0 <= $3 and later.at >= $5 and later.at < $6
             order by later.version limit 1
           ) is null as "isLast"
    from last order by last.id`,
};

/** Last event of a shop and type in a part, and the number of such events. */
type SelectedRow = Omit<Ring, 'type'> & { type: EventType; events: number; isLast: boolean };

function toRing({ events, isLast, ...ring }: SelectedRow): Ring {
  return { ...ring, lane: 'replay' };
}

function countByType(types: readonly EventType[], rows: readonly SelectedRow[]): TypeCount[] {
  const counts = new Map(types.map((type) => [type, { type, events: 0, rings: 0 }]));
  for (const { type, events, isLast } of rows) {
    const count = counts.get(type);
    if (count === undefined) continue;
    count.events += events;
    count.rings += isLast ? 1 : 0;
  }
  return [...counts.values()];
}

/**
 * Counts a selection by type, part by part; `onProgress` is called with the progress. Throws when the signal aborts.
 */
export async function countSelected(
  database: Database,
  selection: Selection,
  upto: number,
  onProgress: (position: number, upto: number) => void,
  signal: AbortSignal,
): Promise<TypeCount[]> {
  const sums = selection.types.map((type) => ({ type, events: 0, rings: 0 }));
  for (let position = 0; position < upto; ) {
    signal.throwIfAborted();
    const { counts, end } = await readStretch(database, selection, position, upto);
    for (const [n, sum] of sums.entries()) {
      sum.events += counts[n]?.events ?? 0;
      sum.rings += counts[n]?.rings ?? 0;
    }
    position = end;
    onProgress(position, upto);
  }
  return sums.filter(({ events }) => events > 0);
}

/** Lists the ids that no shop has. */
export async function unknownShops(database: Database, ids: readonly string[]): Promise<string[]> {
  const { rows } = await database.query<{ id: string }>(unknown, [ids]);
  return rows.map(({ id }) => id);
}
const unknown = {
  name: 'unknown-shops',
  text: `
    select asked.id from unnest($1::text[]) as asked (id)
    where not exists (select from shop where shop.id = asked.id) order by asked.id`,
};
