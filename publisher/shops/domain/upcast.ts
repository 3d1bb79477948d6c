import type { EventType } from '../../../contracts/shops/event-types.ts';
import type { MenuItem } from '../../../contracts/shops/shop.ts';
import type { EventData, ShopEvent } from './shop.ts';

/** An event as it was written, in the schema of that time. */
export type WrittenEvent = { type: EventType; schema: number; data: unknown };

/** Converts a type's data from one schema to the next. Pure, and never changed once events were read with it. */
type Step = (data: never) => unknown;

const steps: { readonly [Type in EventType]?: readonly Step[] } = {
  'shop.menu-item-added': [
    // 1 → 2: an item could only be added at the end, so no position was stored.
    (data: { item: MenuItem }): EventData['shop.menu-item-added'] => ({ ...data, position: null }),
  ],
};

/** Returns the schema in which events of a type are written today. */
export function schemaOf(type: EventType): number {
  return 1 + (steps[type]?.length ?? 0);
}

/** Converts an event to today's schema. Pure. Throws an Error for a schema of a later release. */
export function upcast({ type, schema, data }: WrittenEvent): ShopEvent {
  if (schema > schemaOf(type))
    throw new Error(`${type} has schema ${schema}, and this release knows ${schemaOf(type)}: start a newer release.`);
  const later = steps[type]?.slice(schema - 1) ?? [];
  return { type, data: later.reduce((each, step) => step(each as never), data) } as ShopEvent;
}
