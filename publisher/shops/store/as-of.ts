import type { Database } from '../../postgres/database.ts';
import { DomainError } from '../domain/domain-error.ts';
import { fold } from '../domain/evolve.ts';
import type { Shop } from '../domain/shop.ts';
import { upcast, type WrittenEvent } from '../domain/upcast.ts';
import type { StoredShop } from './event-store.ts';

/** A row of the past. A snapshot has no type: its data is the state. */
type PastRow = { version: number; type: WrittenEvent['type'] | null; schema: number; data: unknown; isPast: boolean };

/** Reads a shop as it was at a version. Throws `version-not-found`. */
export async function shopAtVersion(database: Database, id: string, version: number): Promise<StoredShop> {
  const { rows } = await database.query<PastRow>(pastByVersion, [id, version]);
  const stored = foldRows(rows);
  if (stored?.version === version) return stored;
  throw new DomainError('version-not-found', { shopId: id, version });
}
const pastByVersion = {
  name: 'past-by-version',
  text: `
    with base as (
      select version, state from shop_snapshot where shop_id = $1 and version <= $2 order by version desc limit 1
    )
    select version, null as type, 1::smallint as schema, state as data, true as "isPast" from base
    union all
    select version, type, schema, data, true from shop_events
    where shop_id = $1 and version > coalesce((select version from base), 0) and version <= $2
    order by version`,
};

/** Reads a shop as it was at an instant. Throws `version-not-found` if it was not registered yet. */
export async function shopAtTime(database: Database, id: string, at: Date): Promise<StoredShop> {
  const { rows } = await database.query<PastRow>(pastByTime, [id, at]);
  const next = rows.findIndex(({ isPast }) => !isPast);
  const stored = foldRows(next < 0 ? rows : rows.slice(0, next));
  if (stored !== null) return stored;
  throw new DomainError('version-not-found', { shopId: id, at });
}
const pastByTime = {
  name: 'past-by-time',
  text: `
    with base as (
      select version, state from shop_snapshot where shop_id = $1 and at <= $2 order by version desc limit 1
    ), next as (
      select min(version) as version from shop_snapshot
      where shop_id = $1 and version > coalesce((select version from base), 0)
    )
    select version, null as type, 1::smallint as schema, state as data, true as "isPast" from base
    union all
    select version, type, schema, data, at <= $2 from shop_events
    where shop_id = $1 and version > coalesce((select version from base), 0)
      and version <= coalesce((select version from next), 9007199254740991)
    order by version`,
};

function foldRows(rows: readonly PastRow[]): StoredShop | null {
  const [first] = rows;
  const base = first?.type === null ? (first.data as Shop) : null;
  const events = (base === null ? rows : rows.slice(1)) as (WrittenEvent & PastRow)[];
  const shop = fold(events.map(upcast), base);
  return shop && { version: rows.at(-1)?.version ?? 0, shop };
}
