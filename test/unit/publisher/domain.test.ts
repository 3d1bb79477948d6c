import { describe, expect, test } from 'vitest';
import { decide, type ShopCommand } from '../../../publisher/shops/domain/decide.ts';
import { DomainError } from '../../../publisher/shops/domain/domain-error.ts';
import { fold } from '../../../publisher/shops/domain/evolve.ts';
import type { Shop, ShopEvent } from '../../../publisher/shops/domain/shop.ts';

const soup = { id: 'item_soup', name: '김치찌개', price: 6000, priceNote: null };
const owner = { id: 'owner_1', name: 'Kim Min-ji', publicName: 'Min-ji' };
const shop: Shop = {
  id: 'shop_1',
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  address: '논현로120길 14',
  place: null,
  delivery: false,
  parking: null,
  openness: 'open',
  hours: '11:00~21:00',
  menu: [soup],
  owner: null,
};
const registered: ShopEvent = { type: 'shop.registered', data: { shop, previous: null } };
const closed: ShopEvent = { type: 'shop.closed', data: { from: 'open' } };
const paused: ShopEvent = { type: 'shop.paused', data: { from: 'open' } };

/** Given what happened, when a command comes, then these events follow, and this is the shop after them. */
function given(...past: ShopEvent[]) {
  const state = fold(past);
  return {
    when: (command: ShopCommand) => {
      const events = decide(command, state);
      return { events, types: events.map(({ type }) => type), shop: fold(events, state) };
    },
    refuses: (command: ShopCommand) => {
      try {
        decide(command, state);
      } catch (error) {
        if (error instanceof DomainError) return error.code;
        throw error;
      }
      return 'nothing';
    },
  };
}

describe('a shop', () => {
  test('is registered once', () => {
    expect(given().when({ name: 'registerShop', shop })).toMatchObject({ types: ['shop.registered'], shop });
    expect(given(registered).refuses({ name: 'registerShop', shop })).toBe('shop-exists');
  });

  test('that nobody registered can do nothing', () => {
    expect(given().refuses({ name: 'pauseShop' })).toBe('resource-not-found');
    expect(given().refuses({ name: 'closeShop' })).toBe('resource-not-found');
  });

  test('pauses, opens and closes, each once', () => {
    expect(given(registered).when({ name: 'pauseShop' }).types).toEqual(['shop.paused']);
    expect(given(registered).when({ name: 'openShop' }).types).toEqual([]);
    expect(given(registered, paused).when({ name: 'pauseShop' }).types).toEqual([]);
    expect(given(registered, paused).when({ name: 'openShop' }).shop?.openness).toBe('open');
    expect(given(registered).when({ name: 'closeShop' }).shop?.openness).toBe('closed');
    expect(given(registered, closed).when({ name: 'closeShop' }).types).toEqual([]);
  });

  test.each<ShopCommand>([
    { name: 'openShop' },
    { name: 'pauseShop' },
    { name: 'changeHours', hours: null },
    { name: 'changeDetails', change: { name: 'x' } },
    { name: 'addMenuItem', item: { ...soup, id: 'item_2' } },
    { name: 'changeMenuItem', itemId: soup.id, change: { price: 1 } },
    { name: 'removeMenuItem', itemId: soup.id },
    { name: 'assignOwner', owner },
  ])('that has closed refuses $name', (command) => {
    expect(given(registered, closed).refuses(command)).toBe('shop-closed');
  });

  test('that has closed can be registered anew, and the event keeps what it was', () => {
    const { events } = given(registered, closed).when({ name: 'registerShop', shop: { ...shop, name: 'New' } });
    expect(events).toMatchObject([
      { data: { shop: { name: 'New' }, previous: { name: shop.name, openness: 'closed' } } },
    ]);
  });

  test('changes only the details that differ, and keeps the old ones in the event', () => {
    const { events, shop: after } = given(registered).when({
      name: 'changeDetails',
      change: { name: '새집', category: shop.category, region: { province: '서울', city: '강남구' } },
    });
    expect(events).toEqual([
      { type: 'shop.details-changed', data: { from: { name: shop.name }, to: { name: '새집' } } },
    ]);
    expect(after).toEqual({ ...shop, name: '새집' });
  });

  test('the same details, hours or owner are no news', () => {
    const { id: _, menu: __, hours, owner: nobody, openness: ___, ...details } = shop;
    expect(given(registered).when({ name: 'changeDetails', change: details }).types).toEqual([]);
    expect(given(registered).when({ name: 'changeHours', hours }).types).toEqual([]);
    expect(given(registered).when({ name: 'assignOwner', owner: nobody }).types).toEqual([]);
  });

  test('changes hours and owner', () => {
    expect(given(registered).when({ name: 'changeHours', hours: null }).shop?.hours).toBeNull();
    const { events, shop: after } = given(registered).when({ name: 'assignOwner', owner });
    expect(events).toEqual([{ type: 'shop.owner-changed', data: { from: null, to: owner } }]);
    expect(after?.owner).toEqual(owner);
  });
});

describe('a menu', () => {
  test('gets an item at its end', () => {
    const tea = { id: 'item_tea', name: '차', price: null, priceNote: '시가' };
    expect(given(registered).when({ name: 'addMenuItem', item: tea }).shop?.menu).toEqual([soup, tea]);
    expect(given(registered).refuses({ name: 'addMenuItem', item: { ...tea, id: soup.id } })).toBe('menu-item-exists');
  });

  test('has at most 200 items', () => {
    const menu = Array.from({ length: 200 }, (_, n) => ({ ...soup, id: `item_${n}` }));
    const full: ShopEvent = { type: 'shop.registered', data: { shop: { ...shop, menu }, previous: null } };
    expect(given(full).refuses({ name: 'addMenuItem', item: soup })).toBe('menu-full');
  });

  test('a price that stays the same is no news', () => {
    const same = { name: 'changeMenuItem', itemId: soup.id, change: { price: 6000, priceNote: null } } as const;
    expect(given(registered).when(same).types).toEqual([]);
  });

  test('a name and a price that change are two facts, each with its old value', () => {
    const { events, shop: after } = given(registered).when({
      name: 'changeMenuItem',
      itemId: soup.id,
      change: { name: '된장찌개', price: 7000 },
    });
    expect(events).toEqual([
      {
        type: 'shop.menu-item-changed',
        data: { itemId: soup.id, from: { name: '김치찌개' }, to: { name: '된장찌개' } },
      },
      {
        type: 'shop.menu-item-price-changed',
        data: { itemId: soup.id, from: { price: 6000, priceNote: null }, to: { price: 7000, priceNote: null } },
      },
    ]);
    expect(after?.menu).toEqual([{ ...soup, name: '된장찌개', price: 7000 }]);
  });

  test('an item that is taken off leaves its place in the event', () => {
    const { events, shop: after } = given(registered).when({ name: 'removeMenuItem', itemId: soup.id });
    expect(events).toEqual([{ type: 'shop.menu-item-removed', data: { item: soup, position: 0 } }]);
    expect(after?.menu).toEqual([]);
  });

  test('an item that is not there can neither change nor go', () => {
    expect(given(registered).refuses({ name: 'removeMenuItem', itemId: 'x' })).toBe('menu-item-not-found');
    expect(given(registered).refuses({ name: 'changeMenuItem', itemId: 'x', change: { price: 1 } })).toBe(
      'menu-item-not-found',
    );
  });
});
