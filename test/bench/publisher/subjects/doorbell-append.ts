import { systemIds } from '../../../../publisher/ids.ts';
import { openPool } from '../../../../publisher/postgres/database.ts';
import type { Shop } from '../../../../publisher/shops/domain/shop.ts';
import { append } from '../../../../publisher/shops/store/event-store.ts';
import type { Context, Subject } from '../context.ts';
import { priceAt } from '../fill.ts';
import { repriced } from './bare-update.ts';
import { open as openWhole } from './doorbell.ts';

/**
 * The store's statement alone, one commit an event and a connection a client: what an event in the same transaction
 * costs where nothing is loaded, decided or shared. No command runs like this.
 */
export function open(context: Context): Subject {
  const { databaseUrl, shops } = context;
  const whole = openWhole(context);
  let close = async () => {};
  const { prepare, countEvents } = whole;
  return {
    prepare,
    ...(countEvents && { countEvents }),
    async openWriter(clients) {
      const pool = openPool({ connectionString: databaseUrl, max: clients });
      close = () => pool.end();
      return async (shop, version) => {
        const to = repriced(shops[shop] as Shop, version);
        const eventId = systemIds.event();
        await append(
          pool,
          [{ from: version - 1, events: [{ ...priceChanged(to, version), version, eventId, meta }], to }],
          [],
        );
        return eventId;
      };
    },
    async stop() {
      await close();
      await whole.stop();
    },
  };
}

const meta = { actor: 'bench', command: 'changeMenuItem' };

function priceChanged({ menu: [item] }: Shop, version: number) {
  const { id = '', price = null, priceNote = null } = item ?? {};
  const data = { itemId: id, from: { price: priceAt(version - 1), priceNote }, to: { price, priceNote } };
  return { type: 'shop.menu-item-price-changed' as const, data };
}
