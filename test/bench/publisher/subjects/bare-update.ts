import { openPool } from '../../../../publisher/postgres/database.ts';
import type { Shop } from '../../../../publisher/shops/domain/shop.ts';
import type { Context, Subject } from '../context.ts';
import { priceAt } from '../fill.ts';

/** The least that a write can be: one row, one statement, one commit, a connection a client. Nobody is told. */
export function open({ databaseUrl, shops }: Context): Subject {
  let close = async () => {};
  return {
    async prepare() {},
    async openWriter(clients) {
      const pool = openPool({ connectionString: databaseUrl, max: clients });
      close = () => pool.end();
      return async (place, version) => {
        const shop = repriced(shops[place] as Shop, version);
        await pool.query(updateShop, [shop.id, version, shop]);
        return '';
      };
    },
    stop: () => close(),
  };
}

/** Sets version and state of a shop: $1 to $3 are its id and both. */
export const updateShop = { name: 'update-shop', text: 'update shop set version = $2, state = $3 where id = $1' };

/** A shop as it is at a version. */
export const repriced = (shop: Shop, version: number): Shop => ({
  ...shop,
  menu: shop.menu.map((item) => ({ ...item, price: priceAt(version) })),
});
