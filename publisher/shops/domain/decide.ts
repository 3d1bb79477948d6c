import { isDeepStrictEqual } from 'node:util';
import type { CommandBody } from '../../../contracts/shops/commands.ts';
import { type Details, MENU_LIMIT, type MenuItem } from '../../../contracts/shops/shop.ts';
import { DomainError } from './domain-error.ts';
import { rollBack } from './roll-back.ts';
import type { Owner, Shop, ShopEvent } from './shop.ts';

/** A complete command to one shop: ids are made and the owner is looked up before the decision. */
export type ShopCommand =
  | { name: 'registerShop'; shop: Shop }
  | { name: 'changeDetails'; change: CommandBody<'changeDetails'> }
  | { name: 'changeHours'; hours: string | null }
  | { name: 'openShop' }
  | { name: 'pauseShop' }
  | { name: 'closeShop' }
  | { name: 'addMenuItem'; item: MenuItem }
  | { name: 'changeMenuItem'; itemId: string; change: CommandBody<'changeMenuItem'> }
  | { name: 'removeMenuItem'; itemId: string }
  | { name: 'assignOwner'; owner: Owner | null }
  /** `past` is the shop at that version; null until it is looked up. */
  | { name: 'rollBack'; toVersion: number; past: Shop | null };

type Decider<Name extends ShopCommand['name']> = (
  command: Extract<ShopCommand, { name: Name }>,
  shop: Shop,
) => ShopEvent[];

const deciders: { [Name in Exclude<ShopCommand['name'], 'registerShop' | 'rollBack'>]: Decider<Name> } = {
  changeDetails: ({ change }, shop) => detailsChanged(change, shop),
  changeHours: ({ hours }, shop) =>
    hours === shop.hours ? [] : [{ type: 'shop.hours-changed', data: { from: shop.hours, to: hours } }],
  openShop: (_, shop) => (shop.openness === 'paused' ? [{ type: 'shop.opened', data: { from: 'paused' } }] : []),
  pauseShop: (_, shop) => (shop.openness === 'open' ? [{ type: 'shop.paused', data: { from: 'open' } }] : []),
  closeShop: (_, { openness }) => (openness === 'closed' ? [] : [{ type: 'shop.closed', data: { from: openness } }]),
  addMenuItem: ({ item }, shop) => itemAdded(item, shop),
  changeMenuItem: ({ itemId, change }, shop) => itemChanged(change, itemOf(shop, itemId)),
  removeMenuItem: ({ itemId }, shop) => itemRemoved(itemOf(shop, itemId), shop),
  assignOwner: ({ owner }, shop) =>
    isDeepStrictEqual(owner, shop.owner) ? [] : [{ type: 'shop.owner-changed', data: { from: shop.owner, to: owner } }],
};

/**
 * Decides which events a command causes; `null` is a shop that is not registered. Pure. A command that changes nothing
 * causes no event. Throws DomainError where the command is not possible.
 */
export function decide(command: ShopCommand, shop: Shop | null): ShopEvent[] {
  if (command.name === 'registerShop') return registered(command.shop, shop);
  if (shop === null) throw new DomainError('resource-not-found', null);
  if (command.name === 'rollBack') return command.past === null ? [] : rollBack(shop, command.past);
  if (shop.openness === 'closed' && command.name !== 'closeShop')
    throw new DomainError('shop-closed', { shopId: shop.id });
  const decider = deciders[command.name] as (command: ShopCommand, shop: Shop) => ShopEvent[];
  return decider(command, shop);
}

function registered(shop: Shop, previous: Shop | null): ShopEvent[] {
  if (previous !== null && previous.openness !== 'closed') throw new DomainError('shop-exists', { shopId: shop.id });
  return [{ type: 'shop.registered', data: { shop, previous } }];
}

function detailsChanged(change: CommandBody<'changeDetails'>, shop: Shop): ShopEvent[] {
  const news = Object.entries(change).filter(([key, value]) => !isDeepStrictEqual(value, shop[key as keyof Details]));
  if (news.length === 0) return [];
  const from = Object.fromEntries(news.map(([key]) => [key, shop[key as keyof Details]]));
  return [{ type: 'shop.details-changed', data: { from, to: Object.fromEntries(news) } }];
}

function itemOf(shop: Shop, itemId: string): MenuItem {
  const item = shop.menu.find(({ id }) => id === itemId);
  if (item === undefined) throw new DomainError('menu-item-not-found', { shopId: shop.id, itemId });
  return item;
}

function itemAdded(item: MenuItem, shop: Shop): ShopEvent[] {
  if (shop.menu.some(({ id }) => id === item.id)) throw new DomainError('menu-item-exists', { itemId: item.id });
  if (shop.menu.length >= MENU_LIMIT) throw new DomainError('menu-full', { limit: MENU_LIMIT });
  return [{ type: 'shop.menu-item-added', data: { item, position: shop.menu.length } }];
}

function itemChanged(change: CommandBody<'changeMenuItem'>, item: MenuItem): ShopEvent[] {
  const events: ShopEvent[] = [];
  const { name = item.name, price = item.price, priceNote = item.priceNote } = change;
  if (name !== item.name)
    events.push({ type: 'shop.menu-item-changed', data: { itemId: item.id, from: { name: item.name }, to: { name } } });
  // The same price is no news.
  if (price !== item.price || priceNote !== item.priceNote) {
    const from = { price: item.price, priceNote: item.priceNote };
    events.push({ type: 'shop.menu-item-price-changed', data: { itemId: item.id, from, to: { price, priceNote } } });
  }
  return events;
}

function itemRemoved(item: MenuItem, shop: Shop): ShopEvent[] {
  return [{ type: 'shop.menu-item-removed', data: { item, position: shop.menu.indexOf(item) } }];
}
