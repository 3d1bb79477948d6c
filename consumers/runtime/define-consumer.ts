import type * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';

/** A consumer: what it agreed on, what it keeps, and how one becomes the other. */
export type Consumer<Resource = unknown, View = unknown> = {
  readonly agreement: Agreement<Resource>;
  /** The schema of the view; a projection that doesn't fit is refused, not stored. */
  readonly view: z.core.$ZodType<View, unknown>;
  /** From the resource as agreed to the view as kept. Pure: the same resource gives the same view. */
  project(resource: Resource, id: string): View;
};

/** Says what a consumer is; the runtime does the rest. */
export function defineConsumer<Resource, View>(consumer: Consumer<Resource, View>): Consumer<Resource, View> {
  return Object.freeze({ ...consumer });
}
