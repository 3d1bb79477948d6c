import type * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';

/** A consumer: its agreement, the schema of its view, and the projection from one to the other. */
export type Consumer<Resource = unknown, View = unknown> = {
  readonly agreement: Agreement<Resource>;
  /** Schema of the view. A projection that doesn't fit is refused, not stored. */
  readonly view: z.core.$ZodType<View, unknown>;
  /**
   * Changed by hand when `project` makes other views of the same data, so that all views are made again. A change of the
   * agreement's version or of the view's schema does this by itself.
   */
  readonly revision?: string | number;
  /** Makes the stored view of an agreed resource. Pure: the same resource gives the same view. */
  project(resource: Resource, id: string): View;
};

/** Defines a consumer. The runtime does all other work. */
export function defineConsumer<Resource, View>(consumer: Consumer<Resource, View>): Consumer<Resource, View> {
  return Object.freeze({ ...consumer });
}
