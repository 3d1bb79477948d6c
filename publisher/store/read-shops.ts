import type { Shop } from '../domain/shop.ts';
import type { Database } from './database.ts';

/** A shop as it stands now. */
export type ShopRow = { id: string; version: number; closed: boolean; state: Shop };

/** The shops with these ids, in no particular order; unknown ids are left out. */
export async function readShops(database: Database, ids: readonly string[]): Promise<ShopRow[]> {
  const { rows } = await database.query<ShopRow>(shopsById, [ids]);
  return rows;
}
const shopsById = { name: 'shops-by-id', text: 'select id, version, closed, state from shop where id = any($1)' };

/** Shops with ids above `after` in id order, closed ones too: pages that stay whole while shops change. */
export async function readShopPage(database: Database, after: string, limit: number): Promise<ShopRow[]> {
  const { rows } = await database.query<ShopRow>(shopPage, [after, limit]);
  return rows;
}
const shopPage = {
  name: 'shop-page',
  text: 'select id, version, closed, state from shop where id > $1 order by id limit $2',
};
