import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eventTypes } from '../../../contracts/event-types.ts';
import { encodeNotification, NotificationError, parseNotification } from '../../../contracts/notification.ts';

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
    const ids = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);
    fc.assert(
      fc.property(ids, fc.constantFrom(...eventTypes), (id, type) => {
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

  test('the refusal names the key', () => {
    expect(() => parseNotification('{"id":"s","type":"shop.opened","name":"x"}')).toThrow('"name"');
    expect(() => parseNotification('{"id":"a b","type":"shop.opened"}')).toThrow('"id"');
  });
});
