import * as z from 'zod/mini';
import { afterId, pageLimit } from '../wire/paging.ts';
import { Version } from '../wire/resource.ts';
import type { EventType } from './event-types.ts';
import { Details, Hours, MenuItem, MenuItemId, MenuItemName, OwnerId, OwnerName, ShopId } from './shop.ts';

/** 500 shops or events on one page for operators. */
export const PAGE_LIMIT = 500;

/** Query of `GET /shops`. */
export const ShopsQuery = z.object({ after: afterId(ShopId), limit: pageLimit(PAGE_LIMIT, 100) });

/** Query of `GET /shops/{id}`: the shop as it was at a version, or at an instant; not both. */
export const ShopQuery = z.object({
  version: z.optional(z.coerce.number().check(z.int(), z.minimum(1))),
  at: z.optional(z.iso.datetime({ offset: true, error: 'an instant as in 2026-11-24T10:15:00Z' })),
});

/** Query of `GET /shops/{id}/events`: events above the version `after`. */
export const EventsQuery = z.object({
  after: z._default(z.coerce.number().check(z.int(), z.minimum(0)), 0),
  limit: pageLimit(PAGE_LIMIT, 100),
});

/** An owner as the publisher has it. `name` is for the publisher only; only `publicName` may leave it. */
export const Owner = z.strictObject({ id: OwnerId, name: OwnerName, publicName: OwnerName });

/** A shop with all that the publisher has. A closed shop keeps its last state. */
export const OwnShop = z.strictObject({
  id: ShopId,
  ...Details.shape,
  openness: z.enum(['open', 'paused', 'closed']),
  hours: Hours,
  menu: z.array(MenuItem),
  owner: z.nullable(Owner),
});

/** Answer of `GET /shops/{id}`: a shop with its version. */
export const ShopDocument = z.strictObject({ version: Version, ...OwnShop.shape });
export type ShopDocument = z.output<typeof ShopDocument>;

/** Answer of `GET /shops`; `next` is the `after` of the next page, `null` at the end. */
export const ShopPage = z.strictObject({ shops: z.array(ShopDocument), next: z.nullable(ShopId) });

const change = <Value extends z.core.$ZodType>(value: Value) => z.strictObject({ from: value, to: value });
const ItemPrice = z.pick(MenuItem, { price: true, priceNote: true });

/** Data of events: new and previous values, so that an event can be undone. */
const eventData = {
  'shop.registered': z.strictObject({ shop: OwnShop, previous: z.nullable(OwnShop) }),
  'shop.details-changed': change(z.partial(Details)),
  'shop.hours-changed': change(Hours),
  'shop.opened': z.strictObject({ from: z.literal('paused') }),
  'shop.paused': z.strictObject({ from: z.literal('open') }),
  'shop.menu-item-added': z.strictObject({ item: MenuItem, position: z.nullable(z.int().check(z.minimum(0))) }),
  'shop.menu-item-changed': z.strictObject({
    itemId: MenuItemId,
    ...change(z.strictObject({ name: MenuItemName })).shape,
  }),
  'shop.menu-item-price-changed': z.strictObject({ itemId: MenuItemId, ...change(ItemPrice).shape }),
  'shop.menu-item-removed': z.strictObject({ item: MenuItem, position: z.int().check(z.minimum(0)) }),
  'shop.owner-changed': change(z.nullable(Owner)),
  'shop.closed': z.strictObject({ from: z.enum(['open', 'paused']) }),
} as const satisfies Record<EventType, z.core.$ZodType>;

/** Actor, command and request of an event; `toVersion` is the version that a rollback restores. */
export const EventMeta = z.strictObject({
  actor: z.string(),
  command: z.string(),
  key: z.optional(z.string()),
  toVersion: z.optional(Version),
});

/** One row of a shop's history. */
function historyEvent<Type extends EventType>(type: Type) {
  return z.strictObject({
    version: Version,
    eventId: z.uuid(),
    type: z.literal(type),
    at: z.iso.datetime(),
    data: eventData[type],
    meta: EventMeta,
  });
}

/** An event of a shop as the history shows it, by its type. */
export const HistoryEvent = z.discriminatedUnion('type', [
  historyEvent('shop.registered'),
  historyEvent('shop.details-changed'),
  historyEvent('shop.hours-changed'),
  historyEvent('shop.opened'),
  historyEvent('shop.paused'),
  historyEvent('shop.menu-item-added'),
  historyEvent('shop.menu-item-changed'),
  historyEvent('shop.menu-item-price-changed'),
  historyEvent('shop.menu-item-removed'),
  historyEvent('shop.owner-changed'),
  historyEvent('shop.closed'),
]);

/** Answer of `GET /shops/{id}/events`, oldest first; `next` is the `after` of the next page, `null` at the end. */
export const EventPage = z.strictObject({ events: z.array(HistoryEvent), next: z.nullable(Version) });
