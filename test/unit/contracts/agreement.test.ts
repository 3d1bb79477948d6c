import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { defineShopAgreement } from '../../../contracts/shops/define-agreement.ts';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import { type Agreed, agreementsFor, defineAgreement } from '../../../contracts/wire/agreement.ts';
import { entityTag } from '../../../contracts/wire/source-api.ts';

const terms = {
  name: 'press',
  version: 1,
  wakesOn: ['shop.opened'],
  path: '/press/shops',
  resource: z.object({}),
} as const;

describe('an agreement', () => {
  test('display sleeps through changes of owner, ad through changes of hours', () => {
    const sleeps = (wakesOn: readonly string[]) => eventTypes.filter((type) => !wakesOn.includes(type));
    expect(sleeps(displayAgreement.wakesOn)).toEqual(['shop.owner-changed']);
    expect(sleeps(adAgreement.wakesOn)).toEqual(['shop.hours-changed']);
  });

  test('display gets the whole menu and nothing of the owner; ad gets one headline and the public name', () => {
    expect(Object.keys(displayAgreement.resource.shape).toSorted()).toEqual([
      'address',
      'category',
      'delivery',
      'hours',
      'menu',
      'name',
      'openness',
      'parking',
      'place',
      'region',
    ]);
    expect(Object.keys(adAgreement.resource.shape).toSorted()).toEqual([
      'category',
      'headline',
      'name',
      'openness',
      'owner',
      'place',
      'region',
    ]);
  });

  test('what it agrees on is what the types say', () => {
    const shop = { name: 'x' } as Agreed<typeof adAgreement>;
    // @ts-expect-error the ad server has not agreed on an address
    expect(shop.address).toBeUndefined();
  });

  test('no two have the same name and version, or the same path', () => {
    expect(new Set(agreements.map(({ name, version }) => `${name}@${version}`)).size).toBe(agreements.length);
    expect(new Set(agreements.map(({ path }) => path)).size).toBe(agreements.length);
  });

  test.each([
    ['name', { name: 'Press!' }],
    ['version', { version: 0 }],
    ['wakesOn', { wakesOn: [] }],
    ['wakesOn.0', { wakesOn: ['Shop Opened'] }],
    ['wakesOn', { wakesOn: ['shop.opened', 'shop.closed', 'shop.opened'] }],
    ['wakesOn', { wakesOn: Array.from({ length: 151 }, (_, n) => `shop.a${n}`) }],
    ['path', { path: 'press' }],
  ])('a wrong %s is refused by name', (term, wrong) => {
    expect(() => defineAgreement({ ...terms, ...wrong })).toThrow(`: ${term}: `);
  });
});

describe('the agreements of a domain', () => {
  test('wake on the types of its list, and a misspelt one is refused by the compiler and by name', () => {
    expect(defineShopAgreement(terms).wakesOn).toEqual(['shop.opened']);
    // @ts-expect-error a shop has no such event
    expect(() => defineShopAgreement({ ...terms, wakesOn: ['shop.opend'] })).toThrow(
      new TypeError('agreement "press": wakesOn: there is no event type "shop.opend"; did you mean "shop.opened"?'),
    );
  });

  test('know the types of that domain only', () => {
    const defineProductAgreement = agreementsFor(['product.added', 'product.removed']);
    // @ts-expect-error products don't open
    expect(() => defineProductAgreement({ ...terms, wakesOn: ['shop.opened'] })).toThrow(
      'there is no event type "shop.opened"; the types are product.added, product.removed',
    );
  });
});

describe('the entity tag', () => {
  test('is the version, told apart by agreement', () => {
    expect(entityTag(adAgreement, 7)).toBe('"ad.1.7"');
    expect(entityTag({ ...adAgreement, version: 2 }, 7)).toBe('"ad.2.7"');
    expect(entityTag({ ...adAgreement, name: 'display' }, 7)).toBe('"display.1.7"');
  });
});
