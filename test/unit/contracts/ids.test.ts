import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ShopId } from '../../../contracts/shops/shop.ts';
import { bucketsByPages } from '../../../contracts/wire/digests.ts';
import { encodeNotification, NOTIFICATION_LIMIT, parseNotification } from '../../../contracts/wire/notification.ts';
import { ResourceId } from '../../../contracts/wire/resource.ts';
import { LISTED_LIMIT, PREFIXES_LIMIT } from '../../../contracts/wire/source-api.ts';
import { anyId, FORM, noIds } from '../../support/ids.ts';

const LONGEST_TYPE = 'x'.repeat(64);

describe('an id of any domain', () => {
  test('survives encoding and parsing of a notification, beside the longest type', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        const body = encodeNotification({ id, type: LONGEST_TYPE });
        expect(parseNotification(body)).toEqual({ id, type: LONGEST_TYPE });
        expect(parseNotification(`${body} `)).toEqual({ id, type: LONGEST_TYPE });
        expect(Buffer.byteLength(body)).toBeLessThanOrEqual(NOTIFICATION_LIMIT);
      }),
    );
  });

  test('needs no escaping in a path, a query and JSON', () => {
    fc.assert(
      fc.property(anyId, (id) => {
        expect(new URL(`http://a/${id}?after=${id}`).href).toBe(`http://a/${id}?after=${id}`);
        expect(new URL(`http://a/?after=${id}`).searchParams.get('after')).toBe(id);
        expect(JSON.stringify(id)).toBe(`"${id}"`);
      }),
    );
  });

  test.each(noIds)('is not %s: %j', (_, text) => {
    expect(ResourceId.safeParse(text).error?.issues.map(({ message }) => message)).toEqual([FORM]);
    expect(() => encodeNotification({ id: text, type: 'shop.opened' })).toThrow(`"id": ${FORM}`);
    expect(() => parseNotification(JSON.stringify({ id: text, type: 'shop.opened' }))).toThrow(`"id": ${FORM}`);
  });

  test.each([
    '{"id":"a:b","id":"c","type":"t"}',
    '{"id":"c","id":"a:b","type":"t"}',
    '{"\\u0069d":"a:b","type":"t","id":"c"}',
    '{ "id" : "a" , "type" : "t:", "type" : "t" }',
    '{"id":{"a":"b"},"id":"c","type":"t"}',
    '{"id":["x",{"a":1}],"id":"c","type":"t"}',
    '{"id":"\\":","id":"c","type":"t"}',
    '{"id":"\\\\","id":"c","type":"t"}',
  ])('does not hide a key that stands twice: %s', (body) => {
    expect(() => parseNotification(body)).toThrow('a key occurs twice');
  });

  test.each([
    ['{"id":"a:b:c","type":"t"}', 'a:b:c'],
    ['{"type" : "t" , "id" : ":::"}', ':::'],
    ['{"\\u0069d":"a\\u003ab","type":"t"}', 'a:b'],
    ['{"id":"a\\u003Ab\\u003a","type":"t"}\n', 'a:b:'],
    ['\ufeff{"id":"::","type":"t"}', '::'],
  ])('may have colons, however it is written: %s', (body, id) => {
    expect(parseNotification(body)).toEqual({ id, type: 't' });
  });

  test('fits into an answer of a Lambda function, 32,000 times', async () => {
    const id = (n: number) => `${n}`.padStart(128, 'x');
    const listed = Array.from({ length: LISTED_LIMIT }, (_, n) => ({ id: id(n), version: 4_000_000_000 }));
    async function* page() {
      yield listed;
    }
    const [bucket] = await bucketsByPages([''], page());
    const answer = { digests: Array.from({ length: PREFIXES_LIMIT }, () => bucket) };
    expect(Buffer.byteLength(JSON.stringify(answer))).toBeLessThan(6_000_000);
  });

  test("is wider than a shop's", () => {
    for (const id of ['a.b', 'a:b', 'a~b', 'x'.repeat(65)]) {
      expect(ResourceId.safeParse(id).success).toBe(true);
      expect(ShopId.safeParse(id).success).toBe(false);
    }
    expect(ShopId.safeParse('shop_-1').success).toBe(true);
  });
});
