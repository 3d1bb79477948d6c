import type { EventType } from '../../../contracts/shops/event-types.ts';
import type { Details, MenuItem } from '../../../contracts/shops/shop.ts';

/** An owner of shops. `name` is for the publisher only; only `publicName` may leave it. */
export type Owner = { id: string; name: string; publicName: string };

/** Current state of a shop: the fold of its events. A closed shop keeps its last state. */
export type Shop = Details & {
  id: string;
  openness: 'open' | 'paused' | 'closed';
  hours: string | null;
  menu: MenuItem[];
  owner: Owner | null;
};

/** Data of an event: new and previous values, so that it can be undone. */
export type EventData = {
  'shop.registered': { shop: Shop; previous: Shop | null };
  'shop.details-changed': { from: Partial<Details>; to: Partial<Details> };
  'shop.hours-changed': { from: string | null; to: string | null };
  'shop.opened': { from: 'paused' };
  'shop.paused': { from: 'open' };
  /** Position counted from 0. Events written before positions existed have null, which means the end. */
  'shop.menu-item-added': { item: MenuItem; position: number | null };
  'shop.menu-item-changed': { itemId: string; from: { name: string }; to: { name: string } };
  'shop.menu-item-price-changed': { itemId: string; from: ItemPrice; to: ItemPrice };
  'shop.menu-item-removed': { item: MenuItem; position: number };
  'shop.owner-changed': { from: Owner | null; to: Owner | null };
  'shop.closed': { from: 'open' | 'paused' };
};

/** Price of an item, and the note beside it. */
export type ItemPrice = Pick<MenuItem, 'price' | 'priceNote'>;

/** A fact about one shop, in full. It never leaves the publisher. */
export type ShopEvent<Type extends EventType = EventType> = {
  [Each in Type]: { type: Each; data: EventData[Each] };
}[Type];
