import { ring } from '../../../../publisher/outbox/outbox.ts';
import type { Context, Subject } from '../context.ts';
import { countRung, inTransaction, openProducts, PRICE_CHANGED, prepareOutbox } from '../products.ts';

/** The same by `ring` of doorbell/outbox, which takes any client and many changes. */
export const open = (context: Context): Subject =>
  openProducts(context, {
    prepare: prepareOutbox,
    change: inTransaction((client, id) =>
      ring({ query: (text, values) => client.query(text, values) }, { id, type: PRICE_CHANGED }),
    ),
    count: countRung,
  });
