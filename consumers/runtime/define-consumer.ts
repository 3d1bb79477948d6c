import type * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';

/** A consumer: what it agreed on, what it keeps, and how one becomes the other. */
export type Consumer<Shop = unknown, View = unknown> = {
  readonly agreement: Agreement<Shop>;
  /** The schema of the view; a projection that doesn't fit is refused, not stored. */
  readonly view: z.core.$ZodType<View, unknown>;
  /** From the shop as agreed to the view as kept. Pure: the same shop gives the same view. */
  project(shop: Shop, id: string): View;
};

/** Says what a consumer is; the runtime does the rest. */
export function defineConsumer<Shop, View>(consumer: Consumer<Shop, View>): Consumer<Shop, View> {
  return Object.freeze({ ...consumer });
}
