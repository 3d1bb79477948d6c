import { expect, test } from 'vitest';
import { fold } from '../../../publisher/shops/domain/evolve.ts';
import { rollBack } from '../../../publisher/shops/domain/roll-back.ts';
import type { Shop } from '../../../publisher/shops/domain/shop.ts';

const shop: Shop = {
  id: 'a',
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: '강남구' },
  address: '논현로120길 14',
  place: null,
  delivery: null,
  parking: null,
  openness: 'open',
  hours: '24시간',
  menu: [item('soup', 6000), item('rice', 1000), item('egg', 500)],
  owner: { id: 'kim', name: 'Kim', publicName: 'K' },
};

function item(id: string, price: number | null, name = id) {
  return { id, name, price, priceNote: null };
}

const types = (now: Shop, past: Shop) => rollBack(now, past).map(({ type }) => type);

test('the same shop has nothing to undo', () => {
  expect(rollBack(shop, structuredClone(shop))).toEqual([]);
});

test.each<[string, Partial<Shop>, string[]]>([
  ['details', { name: 'B', parking: true }, ['shop.details-changed']],
  ['hours', { hours: null }, ['shop.hours-changed']],
  ['a pause', { openness: 'paused' }, ['shop.opened']],
  ['a change of owner', { owner: null }, ['shop.owner-changed']],
  ['a price', { menu: [item('soup', 7000), item('rice', 1000), item('egg', 500)] }, ['shop.menu-item-price-changed']],
  ['a name', { menu: [item('soup', 6000), item('rice', 1000, 'r'), item('egg', 500)] }, ['shop.menu-item-changed']],
  ['an item that came', { menu: [...shop.menu, item('tea', 1)] }, ['shop.menu-item-removed']],
  ['the last item that went', { menu: shop.menu.slice(0, 2) }, ['shop.menu-item-added']],
  ['the first item that went', { menu: shop.menu.slice(1) }, ['shop.menu-item-added']],
  [
    'an item that came back at the end',
    { menu: [item('rice', 1000), item('egg', 500), item('soup', 6000)] },
    ['shop.menu-item-removed', 'shop.menu-item-added'],
  ],
  ['a close', { openness: 'closed', name: 'B' }, ['shop.registered']],
])('%s is undone by as few events as the facts allow', (_, change, events) => {
  const now = { ...shop, ...change };
  expect(types(now, shop)).toEqual(events);
  expect(fold(rollBack(now, shop), now)).toEqual(shop);
});

test('a shop that was closed then closes again, as it was', () => {
  const past: Shop = { ...shop, openness: 'closed', name: 'Before', menu: [] };
  expect(types(shop, past).at(-1)).toBe('shop.closed');
  expect(fold(rollBack(shop, past), shop)).toEqual(past);
  expect(rollBack(past, { ...past, name: 'Other' })).toEqual([]);
});

test('whatever the menu is, it becomes what it was', () => {
  const menus = permutations(['a', 'b', 'c', 'd']).flatMap((ids) => [0, 2, 4].map((most) => ids.slice(0, most)));
  const shopWith = (ids: string[], price: number): Shop => ({ ...shop, menu: ids.map((id) => item(id, price)) });
  for (const before of menus)
    for (const after of menus) {
      const [past, now] = [shopWith(before, 1), shopWith(after, 2)];
      expect(fold(rollBack(now, past), now)?.menu).toEqual(past.menu);
    }
});

function permutations(values: string[]): string[][] {
  if (values.length === 0) return [[]];
  return values.flatMap((value) =>
    permutations(values.filter((each) => each !== value)).map((rest) => [value, ...rest]),
  );
}
