import { expect, test } from 'vitest';
import { lastRead } from '../../../consumers/runtime/refresh/last-read.ts';

type Shop = { name: string; menu: readonly { price: number | null }[]; tags?: { first: string } };

const shop: Shop = Object.freeze({ name: 'soup', menu: Object.freeze([{ price: 5 }, { price: null }]) });

test.each<[string, string | null, (shop: Shop) => unknown]>([
  ['of a list, by its place', 'menu.1.price', ({ menu }) => menu.map(({ price }) => (price as number).toFixed())],
  ['that is not there', 'tags', ({ tags }) => tags?.first ?? (tags as unknown as { first: string }).first],
  ['behind the end of a list', 'menu.2', ({ menu }) => (menu[2] as { price: number }).price],
  ['at all: none was read', null, () => JSON.parse('{')],
  ['at all: it does not throw again', null, ({ name }) => name],
])('an error of a projection is at the last field that it read: one %s', (_, field, project) => {
  expect(lastRead(project, shop)).toBe(field);
});

test('a resource that can not be copied has no last field', () => {
  expect(lastRead(({ name }) => name.length, { name: 'a', call: () => {} })).toBeNull();
});
