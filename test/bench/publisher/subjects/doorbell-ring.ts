import type { Context, Subject } from '../context.ts';
import { countRung, inTransaction, openProducts, PRICE_CHANGED, prepareOutbox } from '../products.ts';

/** Doorbell's function, called in the transaction that changes the price. */
export const open = (context: Context): Subject =>
  openProducts(context, {
    prepare: prepareOutbox,
    change: inTransaction((client, id) => client.query(ring, [id, PRICE_CHANGED])),
    count: countRung,
  });

const ring = { name: 'ring', text: 'select doorbell.ring($1, $2)' };
