import type { DatabaseSync } from 'node:sqlite';
import type { StorefrontCard } from './consumer.ts';

/** What a diner looks for; null means all. `category` 한식 stands for 한식_일반 and its other kinds, too. */
export type ShopFilter = {
  province: string | null;
  city: string | null;
  category: string | null;
  openness: 'open' | 'paused' | null;
  /** Part of a shop's or an item's name. */
  text: string | null;
};

/** A shop on a page, with the version it is shown at. */
export type ListedShop = { id: string; version: number; view: StorefrontCard };

/** Living shops that fit, with ids above `after`, in id order. */
export type ListShops = (filter: ShopFilter, after: string, limit: number) => Promise<ListedShop[]>;

/** Prepares the query on a store's own columns. */
export function createListShops(database: DatabaseSync): ListShops {
  const page = database.prepare(`
    select id, version, view from view
    where view is not null and id > :after
      and (:province is null or province = :province)
      and (:city is null or city = :city)
      and (:category is null or category = :category or substr(category, 1, length(:category) + 1) = :category || '_')
      and (:openness is null or openness = :openness)
      and (:text is null or instr(words, :text) > 0)
    order by id limit :limit`);
  return async (filter, after, limit) => {
    const rows = page.all({ ...filter, text: filter.text?.toLowerCase() ?? null, after, limit });
    return (rows as { id: string; version: number; view: string }[]).map((row) => ({
      ...row,
      view: JSON.parse(row.view),
    }));
  };
}
