import { watchTable } from '../../../../publisher/outbox/outbox.ts';
import type { Context, Subject } from '../context.ts';
import { countRung, openProducts, PRICE_CHANGED, prepareOutbox, updateProduct } from '../products.ts';

/** A watched table: the update alone, which is a transaction of its own and one round trip. */
export const open = (context: Context): Subject =>
  openProducts(context, {
    async prepare(pool) {
      await prepareOutbox(pool);
      await watchTable(pool, { table: 'product', id: 'id', changed: PRICE_CHANGED });
    },
    change: (client, id) => client.query(updateProduct, [id]),
    count: countRung,
  });
