import type { MenuItem } from '../../../contracts/shops/shop.ts';
import type { EventData, Shop, ShopEvent } from './shop.ts';

type Evolvers = { [Type in ShopEvent['type']]: (shop: Shop, data: EventData[Type]) => Shop };

const evolvers: Evolvers = {
  'shop.registered': (_, { shop }) => shop,
  'shop.details-changed': (shop, { to }) => ({ ...shop, ...to }),
  'shop.hours-changed': (shop, { to }) => ({ ...shop, hours: to }),
  'shop.opened': (shop) => ({ ...shop, openness: 'open' }),
  'shop.paused': (shop) => ({ ...shop, openness: 'paused' }),
  'shop.menu-item-added': (shop, { item, position }) => ({
    ...shop,
    menu: shop.menu.toSpliced(position === null ? shop.menu.length : position, 0, item),
  }),
  'shop.menu-item-changed': (shop, { itemId, to }) => withItem(shop, itemId, to),
  'shop.menu-item-price-changed': (shop, { itemId, to }) => withItem(shop, itemId, to),
  'shop.menu-item-removed': (shop, { item }) => ({ ...shop, menu: shop.menu.filter(({ id }) => id !== item.id) }),
  'shop.owner-changed': (shop, { to }) => ({ ...shop, owner: to }),
  'shop.closed': (shop) => ({ ...shop, openness: 'closed' }),
};

/** Computes the state after an event. Pure; `null` is a shop without events. */
export function evolve(shop: Shop | null, event: ShopEvent): Shop {
  if (event.type === 'shop.registered') return event.data.shop;
  if (shop === null) throw new TypeError(`${event.type} before shop.registered`);
  const evolver = evolvers[event.type] as (shop: Shop, data: ShopEvent['data']) => Shop;
  return evolver(shop, event.data);
}

/** Computes the state after all events, in order. */
export function fold(events: Iterable<ShopEvent>, from: Shop | null = null): Shop | null {
  let shop = from;
  for (const event of events) shop = evolve(shop, event);
  return shop;
}

function withItem(shop: Shop, itemId: string, change: Partial<MenuItem>): Shop {
  return { ...shop, menu: shop.menu.map((item) => (item.id === itemId ? { ...item, ...change } : item)) };
}
