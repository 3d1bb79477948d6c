import { MOST_BYTES, tooMuchAtOnce } from '../../http/bounds.ts';
import type { Database } from '../../postgres/database.ts';
import type { Shop } from '../domain/shop.ts';

/** Current row of a shop. */
export type ShopRow = { id: string; version: number; closed: boolean; state: Shop };

/** A row as PostgreSQL returns it: `state` is its text, or null beyond the limit of bytes. */
type TextRow = Omit<ShopRow, 'state'> & { state: string | null };

/**
 * Reads the shops with these ids, in no particular order; unknown ids are left out. Throws `too-large` for several
 * shops of more than 2 MiB together: PostgreSQL does not send the part above the limit.
 */
export async function readShops(database: Database, ids: readonly string[]): Promise<ShopRow[]> {
  const { rows } = await database.query<TextRow>(shopsById, [[...new Set(ids)], MOST_BYTES]);
  return rows.map(readState);
}
// `offset 0` keeps the text from being made twice.
const shopsById = {
  name: 'shops-by-id',
  text: `
    select id, version, closed, case when upto <= $2 or upto = octet_length(state) then state end as state
    from (
      select id, version, closed, state, sum(octet_length(state)) over (order by id rows unbounded preceding) as upto
      from (select id, version, closed, state::text as state from shop where id = any($1) offset 0) as shown
    ) as counted`,
};

/**
 * A page of shops with ids above `after` in id order, closed ones too, and whether it is the last. Pages stay complete
 * while shops change.
 */
export type ShopRows = { rows: ShopRow[]; isLast: boolean };

/** Reads at most `limit` shops of some 2 MiB together, and at least one if there is any. */
export async function readShopPage(database: Database, after: string, limit: number): Promise<ShopRows> {
  const { rows } = await database.query<TextRow & { bytes: number }>(shopPage, [after, limit, MOST_BYTES]);
  const isLast = rows.length < limit && rows.reduce((sum, { bytes }) => sum + bytes, 0) < MOST_BYTES;
  return { rows: rows.map(readState), isLast };
}
// Read row by row, so that PostgreSQL itself stops: a sum over a window would decompress all 500 first.
const shopPage = {
  name: 'shop-page',
  text: `
    with recursive page as (
      (select id, version, closed, state::text as state, 1 as nth, 0 as before from shop where id > $1 order by id limit 1)
      union all
      select next.*, nth + 1, before + octet_length(page.state)
      from page cross join lateral (
        select id, version, closed, state::text as state from shop where id > page.id order by id limit 1
      ) as next
      where nth < $2 and before + octet_length(page.state) < $3
    )
    select id, version, closed, state, octet_length(state) as bytes from page order by nth`,
};

function readState({ id, version, closed, state }: TextRow): ShopRow {
  if (state === null) throw tooMuchAtOnce();
  return { id, version, closed, state: JSON.parse(state) as Shop };
}
