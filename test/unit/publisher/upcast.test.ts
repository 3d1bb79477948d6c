import { expect, test } from 'vitest';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import { schemaOf, upcast } from '../../../publisher/shops/domain/upcast.ts';

const item = { id: 'item_soup', name: '김치찌개', price: 6000, priceNote: null };

test('an event of an old schema is read in the shape of today, and what was stored is left as it is', () => {
  const data = { item };
  expect(upcast({ type: 'shop.menu-item-added', schema: 1, data })).toEqual({
    type: 'shop.menu-item-added',
    data: { item, position: null },
  });
  expect(data).toEqual({ item });
});

test('an event of the schema of today is not touched', () => {
  const data = { item, position: 3 };
  expect(upcast({ type: 'shop.menu-item-added', schema: 2, data }).data).toBe(data);
});

test('an event of a newer release is refused, and says so', () => {
  for (const type of eventTypes)
    expect(() => upcast({ type, schema: schemaOf(type) + 1, data: {} })).toThrow('start a newer release');
});
