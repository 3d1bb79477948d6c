import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { type Consumer, defineConsumer } from '../../../consumers/runtime/define-consumer.ts';
import { Details, type MenuItem, MenuItemName, Openness, Price, ShopName } from '../../../contracts/shops/shop.ts';
import { defineAgreement } from '../../../contracts/wire/agreement.ts';
import { usageLines } from '../../../localstack/release/usage/command.ts';
import { fieldsOf, lacking, recorded } from '../../../localstack/release/usage/fields.ts';
import { measureUsage } from '../../../localstack/release/usage/measure.ts';
import type { Shop } from '../../../publisher/shops/domain/shop.ts';
import type { FoldedState } from '../../../publisher/shops/rebuild/fold-events.ts';
import { openness } from '../../../publisher/shops/sources/display.ts';

/** Which fields some code reads of a value. */
function readsOf<Value>(value: Value, read: (value: Value) => unknown): string[] {
  const reads = new Set<string>();
  read(recorded(value, (field) => void reads.add(field)));
  return [...reads].toSorted();
}

describe('what is read of a value', () => {
  const value = { name: 'soup', place: { latitude: 1, longitude: 2 }, menu: [{ id: 'a', price: 1 }] };

  test('is each field that is asked for, also within others', () => {
    expect(readsOf(value, ({ name }) => name)).toEqual(['name']);
    expect(readsOf(value, ({ place }) => place.latitude)).toEqual(['place', 'place.latitude']);
    expect(readsOf(value, ({ menu }) => menu.map(({ price }) => price))).toEqual(['menu', 'menu[].price']);
  });

  test('is all of what is copied once the copy is written', () => {
    expect(readsOf(value, ({ place }) => JSON.stringify({ place }))).toEqual([
      'place',
      'place.latitude',
      'place.longitude',
    ]);
    expect(readsOf(value, (all) => JSON.stringify({ ...all }))).toEqual(fieldsOf(value).toSorted());
  });

  test('is not changed by being watched', () => {
    expect(recorded(value, () => {})).toEqual(value);
    const watched = recorded(value, () => {});
    expect(watched.menu.includes(watched.menu[0] as (typeof value.menu)[0])).toBe(true);
  });

  test('a field that lacks as a whole is named once', () => {
    expect(lacking(fieldsOf(value), new Set(['name', 'menu']))).toEqual(['place', 'menu[].id', 'menu[].price']);
  });
});

const soup: Shop = {
  id: 'a',
  name: '바보네집',
  category: '한식',
  region: { province: '서울', city: null },
  address: '논현로120길 14',
  place: null,
  delivery: null,
  parking: null,
  openness: 'open',
  hours: null,
  menu: [{ id: 'item_soup', name: '국수', price: 6000, priceNote: null }],
  owner: null,
};

/** The states of one shop, event after event. */
function history(...steps: [type: FoldedState['type'], change: Partial<Shop>][]): FoldedState[] {
  let shop = soup;
  return steps.map(([type, change], n) => {
    shop = { ...shop, ...change };
    return { id: 'a', version: n + 1, type, shop, fault: null, isLast: n === steps.length - 1 };
  });
}

const menuAgreement = defineAgreement({
  name: 'menu',
  version: 3,
  wakesOn: ['shop.registered', 'shop.details-changed', 'shop.hours-changed', 'shop.closed'],
  path: '/menu/shops',
  resource: z.object({
    name: ShopName,
    openness: Openness,
    place: Details.shape.place,
    menu: z.array(z.object({ name: MenuItemName, price: Price })),
  }),
});

/** Keeps the names of the menu, and reads nothing else of the shop. */
const menuConsumer = defineConsumer({
  agreement: menuAgreement,
  view: z.object({ items: z.array(z.string()) }),
  project: ({ menu }) => ({ items: menu.map(({ name }) => name) }),
});

const select = (shop: Shop) => {
  const { name, place, menu } = shop;
  return { name, place, openness: openness(shop), menu };
};

function usageOf(states: FoldedState[], consumer = menuConsumer as Consumer) {
  const measure = measureUsage({ consumer, source: { agreement: consumer.agreement, select } });
  for (const state of states) measure.add(state);
  return measure.usage();
}

describe('the usage of an agreement', () => {
  const registered = ['shop.registered', {}] as const;
  const tea = { ...(soup.menu[0] as MenuItem), name: '차' };
  const states = history(
    [...registered],
    ['shop.hours-changed', { hours: '24시간' }],
    ['shop.hours-changed', { hours: null }],
    ['shop.details-changed', { name: '새집' }],
    ['shop.menu-item-changed', { menu: [tea] }],
    ['shop.closed', { openness: 'closed' }],
  );

  test('names the agreed fields that project never reads, and those that no shop has', () => {
    expect(usageOf(states)).toMatchObject({
      agreement: 'menu@3',
      fields: 8,
      neverRead: ['name', 'openness', 'place', 'menu[].price'],
      neverSeen: ['place.latitude', 'place.longitude'],
      failed: null,
    });
  });

  test('counts the events that changed the view, and those that woke the consumer for nothing', () => {
    expect(usageOf(states)).toMatchObject({
      awake: [
        { type: 'shop.registered', events: 1, changed: 1 },
        { type: 'shop.closed', events: 1, changed: 1 },
      ],
      inVain: [
        { type: 'shop.hours-changed', events: 2, changed: 0 },
        { type: 'shop.details-changed', events: 1, changed: 0 },
      ],
    });
  });

  test('gives the filter policy that would have saved them, and says what is slept through by mistake', () => {
    const usage = usageOf(states);
    expect(usage.filterPolicy).toEqual({ type: ['shop.registered', 'shop.closed', { exists: false }] });
    expect(usage.missed).toEqual([{ type: 'shop.menu-item-changed', events: 1, changed: 1 }]);
    expect(usageLines(usage)).toEqual([
      'menu@3',
      '  never reads name, openness, place, menu[].price',
      '  no shop has place.latitude, place.longitude',
      '  EVENT TYPE            EVENTS  CHANGED ITS VIEW  IN VAIN',
      '  shop.registered            1                 1        0',
      '  shop.closed                1                 1        0',
      '  shop.hours-changed         2                 0        2',
      '  shop.details-changed       1                 0        1',
      '  is not woken by shop.menu-item-changed, which would have changed 1 views',
      '  3 events in vain; without them: {"type":["shop.registered","shop.closed",{"exists":false}]}',
      '',
    ]);
  });

  test('needs no other policy where every type changed a view at times', () => {
    const { filterPolicy, inVain, neverRead } = usageOf(history([...registered]));
    expect({ filterPolicy, inVain }).toEqual({ filterPolicy: null, inVain: [] });
    expect(neverRead).toContain('name');
  });

  test('compares a shop with itself, never with the one before it', () => {
    const other = history([...registered]).map((state) => ({ ...state, id: 'b' }));
    expect(usageOf([...history([...registered]), ...other]).awake).toEqual([
      { type: 'shop.registered', events: 2, changed: 2 },
    ]);
  });

  test('counts the states that the consumer would put away as dead letters, and goes on', () => {
    const strict = defineConsumer({ ...menuConsumer, view: z.object({ items: z.array(z.literal('국수')) }) });
    const unfit = history(['shop.registered', { menu: [tea] }]).map((state) => ({ ...state, id: 'b' }));
    const usage = usageOf([...states.slice(0, -1), ...unfit], strict as Consumer);
    expect(usage.failed).toEqual({ states: 2, reason: expect.stringMatching(/^shop a: items\.0/) });
    expect(usage.awake).toEqual([{ type: 'shop.registered', events: 2, changed: 1 }]);
  });
});
