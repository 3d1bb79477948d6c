import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import { MenuItem } from '../../../contracts/shops/shop.ts';
import { agreementsWith, contractsWith, verdicts } from '../../support/changed-contracts.ts';

const { shape } = displayAgreement.resource;

/** What the gate says if display agreed on these fields. */
const withDisplay = (shop: z.ZodMiniObject, more: object = {}) =>
  verdicts(contractsWith({ agreements: agreementsWith({ ...displayAgreement, resource: shop, ...more }) }));
const withField = (name: string, schema: z.core.$ZodType, more: object = {}) =>
  withDisplay(z.object({ ...shape, [name]: schema } as z.core.$ZodShape), more);

test('contracts that are as they were have no difference', () => {
  expect(verdicts(contractsWith({}))).toEqual([]);
});

describe('of an agreement', () => {
  test('a field that is gone breaks the consumer', () => {
    expect(withDisplay(z.omit(displayAgreement.resource, { hours: true }))).toEqual([
      'breaking display: display@1 hours is gone',
    ]);
  });

  test('a field that is renamed is one that is gone', () => {
    const { hours, ...rest } = shape;
    expect(withDisplay(z.object({ ...rest, openingHours: hours }))).toEqual([
      'breaking display: display@1 hours is gone',
      'compatible display: display@1 openingHours is new and required',
    ]);
  });

  test('a field that may be absent breaks the consumer', () => {
    expect(withField('hours', z.optional(shape.hours))).toEqual([
      'breaking display: display@1 hours may be absent now',
    ]);
  });

  test.each([
    ['may be null', 'name', z.nullable(shape.name), 'name may be null now'],
    ['is of another type', 'delivery', z.nullable(z.string()), 'delivery may be a string now'],
    ['has one value more', 'openness', z.enum(['open', 'paused', 'moving']), 'openness may be "moving" now'],
    [
      'is longer',
      'address',
      z.string().check(z.minLength(1), z.maxLength(300)),
      'address maxLength is 300; it was 200',
    ],
    ['may be empty', 'address', z.string().check(z.maxLength(200)), 'address minLength is unlimited; it was 1'],
    ['is a longer list', 'menu', z.array(MenuItem).check(z.maxLength(500)), 'menu maxItems is 500; it was 200'],
    ['fits no pattern', 'name', z.string().check(z.minLength(1), z.maxLength(100)), 'name need no longer fit "^'],
    ['is anything', 'delivery', z.unknown(), 'delivery may be anything now'],
  ])('a field that %s is wider than the consumer accepts', (_, name, schema, said) => {
    expect(withField(name, schema).join('\n')).toContain(`breaking display: display@1 ${said}`);
  });

  test('a wider field inside another is found where it stands', () => {
    const item = z.strictObject({ ...MenuItem.shape, price: z.nullable(z.number()) });
    expect(withField('menu', z.array(item))).toContain(
      'breaking display: display@1 menu[].price may be a fraction now',
    );
  });

  test.each([
    ['has one value less', 'openness', z.enum(['open']), 'openness is never "paused" any more'],
    ['is never null', 'delivery', z.boolean(), 'delivery is never null any more'],
    ['is shorter', 'address', shape.address.check(z.maxLength(20)), 'address maxLength is 20; it was 200'],
    ['is a shorter list', 'menu', z.array(MenuItem).check(z.maxLength(9)), 'menu maxItems is 9; it was 200'],
    ['has a pattern', 'name', shape.name.check(z.regex(/^[A-Z]/)), 'name fits a pattern now: "^[A-Z]"'],
  ])('a field that %s is narrower: the publisher can show old shops no more', (_, name, schema, said) => {
    expect(withField(name, schema)).toEqual([`breaking publisher: display@1 ${said}`]);
  });

  test('a field of another pattern breaks the consumer: nobody can tell which takes more', () => {
    const name = z.string().check(z.minLength(1), z.maxLength(100), z.regex(/^[A-Z]/));
    expect(withField('name', name)).toEqual(['breaking display: display@1 name fits another pattern: "^[A-Z]"']);
  });

  test('a new field is compatible: consumers cut off what they do not know', () => {
    expect(withField('seats', z.int())).toEqual(['compatible display: display@1 seats is new and required']);
  });

  test('a new field in a strict object breaks the consumer, whose check refuses it', () => {
    const item = z.strictObject({ ...MenuItem.shape, spicy: z.boolean() });
    expect(withField('menu', z.array(item).check(z.maxLength(200)))).toEqual([
      'breaking display: display@1 menu[].spicy is new and required',
    ]);
  });

  test('another path breaks the consumer, once and not for each operation', () => {
    const now = contractsWith({ agreements: agreementsWith({ ...displayAgreement, path: '/storefront/shops' }) });
    const moved = JSON.stringify(now.apis).replaceAll('"/display/shops', '"/storefront/shops');
    expect(verdicts({ ...now, apis: JSON.parse(moved) })).toEqual([
      'breaking display: display@1 is served at /storefront/shops, not at /display/shops',
    ]);
  });

  test('an event type that wakes the consumer no more breaks it; one more is compatible', () => {
    const wakesOn = [...displayAgreement.wakesOn.slice(1), 'shop.owner-changed'];
    expect(withDisplay(displayAgreement.resource, { wakesOn })).toEqual([
      'breaking display: display@1 wakesOn shop.registered no longer wakes it',
      'compatible display: display@1 wakesOn shop.owner-changed wakes it, too',
    ]);
  });

  test('the end of an agreement breaks its consumer, and a new agreement nobody', () => {
    const withoutAd = agreementsWith().filter(({ name }) => name !== 'ad');
    expect(verdicts(contractsWith({ agreements: [...withoutAd, { ...adAgreement, name: 'radio' }] }))).toEqual([
      'breaking ad: ad@1 is gone',
      'compatible radio: radio@1 is new',
    ]);
  });
});

describe('a raised version', () => {
  test('of the agreement allows what breaks its consumer, and nothing else does', () => {
    const omitted = z.omit(displayAgreement.resource, { hours: true });
    expect(withDisplay(omitted, { version: 2 })).toEqual([
      'breaking display: display@1 hours is gone (display@1 → display@2)',
    ]);
    const release = { version: '9.0.0', agreements: agreementsWith({ ...displayAgreement, resource: omitted }) };
    expect(verdicts(contractsWith(release))).toEqual(['breaking display: display@1 hours is gone']);
  });

  test('that is served beside the released one changes nothing for those who stay', () => {
    const next = {
      ...displayAgreement,
      version: 2,
      path: '/display/v2/shops',
      resource: z.object({ name: shape.name }),
    };
    expect(verdicts(contractsWith({ agreements: agreementsWith(displayAgreement, next) }))).toEqual([
      'compatible display: display@2 is new',
    ]);
  });

  test('that is lowered allows nothing', () => {
    const released = contractsWith({ agreements: agreementsWith({ ...displayAgreement, version: 2 }) });
    expect(verdicts(contractsWith({}), released)).toContain('breaking display: display@2 is gone');
  });

  test('of Doorbell allows the rest: a major one, or a minor one below 1.0.0', () => {
    const types = eventTypes.filter((type) => type !== 'shop.hours-changed');
    const allowed = (version: string) => verdicts(contractsWith({ eventTypes: types, version }));
    const said = 'breaking display: event type shop.hours-changed is gone';
    expect(allowed('0.1.1')).toEqual([said]);
    expect(allowed('0.2.0')).toEqual([`${said} (Doorbell 0.1.0 → 0.2.0)`]);
    expect(allowed('1.0.0')).toEqual([`${said} (Doorbell 0.1.0 → 1.0.0)`]);
    const first = contractsWith({ version: '1.0.0' });
    expect(verdicts(contractsWith({ eventTypes: types, version: '1.9.0' }), first)).toEqual([said]);
  });
});
