import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTypes } from '../../../contracts/shops/event-types.ts';
import { encodeNotification, NotificationError, parseNotification } from '../../../contracts/wire/notification.ts';
import { anyId } from '../../support/ids.ts';

const fault = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof NotificationError) return error.fault;
    throw error;
  }
  return 'none';
};

describe('the notification on the wire', () => {
  test('is exactly two keys, id first', () => {
    expect(encodeNotification({ id: 'shop_1', type: 'shop.opened' })).toBe('{"id":"shop_1","type":"shop.opened"}');
  });

  test('has no room for a third key on the way out', () => {
    // @ts-expect-error a notification has no room for a price
    const work = () => encodeNotification({ id: 'shop_1', type: 'shop.opened', price: 5000 });
    expect(work).toThrow('"price" has no place in a notification');
    expect(fault(work)).toBe('extra-key');
  });

  test('survives encoding and parsing, and stays below 256 bytes of ASCII, for every id and type', () => {
    fc.assert(
      fc.property(anyId, fc.constantFrom(...eventTypes), (id, type) => {
        const body = encodeNotification({ id, type });
        expect(parseNotification(body)).toEqual({ id, type });
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(256);
        expect(body).toMatch(/^[\x20-\x7e]*$/);
      }),
    );
  });

  test('a type from the future parses', () => {
    expect(parseNotification('{"id":"s","type":"shop.moved-abroad"}').type).toBe('shop.moved-abroad');
  });

  test.each([
    ['', 'not-json'],
    ['hello', 'not-json'],
    ['{"id":"s","type":"shop.opened"', 'not-json'],
    ['[]', 'not-an-object'],
    ['null', 'not-an-object'],
    ['"shop"', 'not-an-object'],
    ['{"id":"s","type":"shop.opened","name":"x"}', 'extra-key'],
    ['{"id":"s","type":"shop.opened","__proto__":{"a":1}}', 'extra-key'],
    ['{"id":"s","id":"t","type":"shop.opened"}', 'extra-key'],
    ['{"id":"s"}', 'bad-key'],
    ['{"id":7,"type":"shop.opened"}', 'bad-key'],
    ['{"id":"../admin","type":"shop.opened"}', 'bad-key'],
    ['{"id":"%2e%2e","type":"shop.opened"}', 'bad-key'],
    ['{"id":"a b","type":"shop.opened"}', 'bad-key'],
    ['{"id":"","type":"shop.opened"}', 'bad-key'],
    ['{"id":"s","type":"Shop Opened"}', 'bad-key'],
    [`{"id":"${'a'.repeat(10_000)}","type":"shop.opened"}`, 'too-long'],
    ['['.repeat(10_000), 'too-long'],
    ['x'.repeat(300_000), 'too-long'],
  ])('%.40s is refused as %s', (body, expected) => {
    expect(fault(() => parseNotification(body))).toBe(expected);
  });

  test.each([
    ['Python', '{"id": "shop_1", "type": "shop.opened"}'],
    ['Go, keys sorted, a line break at the end', '{"id":"shop_1","type":"shop.opened"}\n'],
    ['Java, pretty and the other way round', '{\r\n  "type" : "shop.opened",\r\n  "id" : "shop_1"\r\n}'],
    ['a writer that escapes what is no letter', '{"id":"shop\\u005f1","type":"shop\\u002Eopened"}'],
    ['a writer that escapes keys', '{"\\u0069d":"shop_1","ty\\u0070e":"shop.opened"}'],
    ['tabs', '\t{\t"id"\t:\t"shop_1"\t,\t"type"\t:\t"shop.opened"\t}\t'],
  ])('is accepted as %s writes it', (_, body) => {
    expect(parseNotification(body)).toEqual({ id: 'shop_1', type: 'shop.opened' });
  });

  test('is accepted from every JSON writer: any order, any space, any escape, as long as it fits', () => {
    const space = fc.stringMatching(/^[ \t\r\n]{0,3}$/);
    // All characters may be escaped and stand among spaces, so few of them fit.
    const ids = anyId.filter(({ length }) => length <= 12);
    const written = (text: string, escapes: boolean[]) =>
      `"${[...text].map((c, n) => (escapes[n % 5] ? hex(c) : c)).join('')}"`;
    const hex = (character: string) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    const escapes = fc.array(fc.boolean(), { minLength: 5, maxLength: 5 });
    const types = fc.constantFrom('shop.opened', 'shop.closed', 'shop.moved');
    fc.assert(
      fc.property(ids, types, space, escapes, fc.boolean(), (id, type, gap, mask, isTypeFirst) => {
        const pair = (key: string, value: string) => `${written(key, mask)}${gap}:${gap}${written(value, mask)}`;
        const pairs = [pair('id', id), pair('type', type)];
        const body = `${gap}{${gap}${(isTypeFirst ? pairs.toReversed() : pairs).join(`${gap},${gap}`)}${gap}}${gap}`;
        expect(parseNotification(body)).toEqual({ id, type });
      }),
    );
  });

  test('a key that stands twice is found under every spelling', () => {
    expect(fault(() => parseNotification('{"id":"s","\\u0069d":"t","type":"shop.opened"}'))).toBe('extra-key');
  });

  test('the refusal names the key', () => {
    expect(() => parseNotification('{"id":"s","type":"shop.opened","name":"x"}')).toThrow('"name"');
    expect(() => parseNotification('{"id":"a b","type":"shop.opened"}')).toThrow('"id"');
  });
});
