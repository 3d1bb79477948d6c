import { isDeepStrictEqual } from 'node:util';
import { type Details, type MenuItem, Details as Schema } from '../../../contracts/shops/shop.ts';
import type { Shop, ShopEvent } from './shop.ts';

/**
 * Lists the events that restore a past state of a shop: new facts, which undo later changes and hide none of them. A
 * shop that has closed since is registered again. Pure; empty if nothing differs.
 */
export function rollBack(now: Shop, past: Shop): ShopEvent[] {
  if (now.openness === 'closed')
    return past.openness === 'closed' ? [] : [{ type: 'shop.registered', data: { shop: past, previous: now } }];
  return [
    ...detailsBack(now, past),
    ...hoursBack(now, past),
    ...menuBack(now.menu, past.menu),
    ...stateBack(now, past),
  ];
}

function detailsBack(now: Shop, past: Shop): ShopEvent[] {
  const changed = (Object.keys(Schema.shape) as (keyof Details)[]).filter(
    (key) => !isDeepStrictEqual(now[key], past[key]),
  );
  if (changed.length === 0) return [];
  const valuesOf = (shop: Shop) => Object.fromEntries(changed.map((key) => [key, shop[key]]));
  return [{ type: 'shop.details-changed', data: { from: valuesOf(now), to: valuesOf(past) } }];
}

function hoursBack(now: Shop, past: Shop): ShopEvent[] {
  return now.hours === past.hours ? [] : [{ type: 'shop.hours-changed', data: { from: now.hours, to: past.hours } }];
}

/**
 * Lists the events that restore a menu. Items already in the order of the past stay in place, and are changed there.
 * The others are removed and added at their places, from the first to the last.
 */
function menuBack(now: readonly MenuItem[], past: readonly MenuItem[]): ShopEvent[] {
  const stays = inOrderOf(past, now);
  const staying = new Set(stays.map(({ id }) => id));
  const removed = now.filter(({ id }) => !staying.has(id));
  return [
    ...stays.flatMap((item) => itemBack(item, past.find(({ id }) => id === item.id) as MenuItem)),
    ...removed.map((item, n): ShopEvent => {
      const left = now.filter((each) => !removed.slice(0, n).includes(each));
      return { type: 'shop.menu-item-removed', data: { item, position: left.indexOf(item) } };
    }),
    ...past.flatMap((item, position): ShopEvent[] =>
      staying.has(item.id) ? [] : [{ type: 'shop.menu-item-added', data: { item, position } }],
    ),
  ];
}

/** Finds the items of the current menu that follow each other as in the past one. */
function inOrderOf(past: readonly MenuItem[], now: readonly MenuItem[]): MenuItem[] {
  let last = -1;
  return now.filter((item) => {
    const place = past.findIndex(({ id }) => id === item.id);
    if (place <= last) return false;
    last = place;
    return true;
  });
}

function itemBack(now: MenuItem, past: MenuItem): ShopEvent[] {
  const events: ShopEvent[] = [];
  const itemId = now.id;
  if (now.name !== past.name)
    events.push({
      type: 'shop.menu-item-changed',
      data: { itemId, from: { name: now.name }, to: { name: past.name } },
    });
  const [from, to] = [now, past].map(({ price, priceNote }) => ({ price, priceNote }));
  if (from && to && !isDeepStrictEqual(from, to))
    events.push({ type: 'shop.menu-item-price-changed', data: { itemId, from, to } });
  return events;
}

/** Restores the owner and the opening state; a shop that was closed then closes again, last of all. */
function stateBack(now: Shop, past: Shop): ShopEvent[] {
  const events: ShopEvent[] = [];
  if (!isDeepStrictEqual(now.owner, past.owner))
    events.push({ type: 'shop.owner-changed', data: { from: now.owner, to: past.owner } });
  if (past.openness === 'closed' && now.openness !== 'closed')
    events.push({ type: 'shop.closed', data: { from: now.openness } });
  if (past.openness === 'open' && now.openness === 'paused')
    events.push({ type: 'shop.opened', data: { from: 'paused' } });
  if (past.openness === 'paused' && now.openness === 'open')
    events.push({ type: 'shop.paused', data: { from: 'open' } });
  return events;
}
