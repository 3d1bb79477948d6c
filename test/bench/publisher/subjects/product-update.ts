import type { Context, Subject } from '../context.ts';
import { inTransaction, openProducts } from '../products.ts';

/** A change of a price in a transaction. Nobody is told. */
export const open = (context: Context): Subject => openProducts(context, { change: inTransaction() });
