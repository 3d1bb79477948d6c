import { describe, expect, test } from 'vitest';
import { readRow } from '../../../localstack/import/read-row.ts';
import { regionOfAddress, shortProvince } from '../../../localstack/import/region.ts';

const base = {
  id: 'shop_1',
  name: '바보네집',
  category: '한식',
  address: '서울특별시 강남구 논현로120길 14',
  item: '김치찌개',
  price: '6000',
};

function read(values: Partial<Record<string, string>>) {
  const row = readRow({ line: 7, values: { ...base, ...values } as Record<string, string> });
  if ('leftOut' in row) return { leftOut: row.leftOut, item: null, shop: null, remarks: [] };
  return { leftOut: null, item: row.shop.item, shop: row.shop, remarks: row.remarks.map(({ text }) => text) };
}

describe('a price', () => {
  test('in won is a price', () => {
    expect(read({})).toMatchObject({ item: { name: '김치찌개', price: 6000 }, remarks: [] });
  });

  test.each(['5000~8000', '4500, 4000', '1.5', '0', '06000', '5,000', '-100', '무료', '12345678901'])(
    '"%s" is none: it is kept as a note, with a remark, and nothing is guessed',
    (price) => {
      const { item, remarks } = read({ price });
      expect(item).toEqual({ name: '김치찌개', price: null, priceNote: price });
      expect(remarks).toEqual([`price "${price}" is no single price in won: kept as a note`]);
    },
  );

  test('that is empty is unknown', () => {
    expect(read({ price: '' })).toMatchObject({ item: { price: null, priceNote: null }, remarks: ['no price stated'] });
  });

  test('keeps the note beside it', () => {
    expect(read({ price_note: '(200g)' }).item).toEqual({ name: '김치찌개', price: 6000, priceNote: '(200g)' });
    expect(read({ price: '5000~8000', price_note: '소~대' }).item?.priceNote).toBe('5000~8000 · 소~대');
    expect(read({ price: '5000~8000', price_note: '5000~8000' }).item?.priceNote).toBe('5000~8000');
  });

  test('without an item is left out', () => {
    expect(read({ item: '' })).toMatchObject({ item: null, remarks: ['price "6000" without an item: left out'] });
  });
});

describe('a row', () => {
  test.each([
    [{ id: '' }, 'id'],
    [{ id: 'a b' }, 'id'],
    [{ name: '' }, 'name'],
    [{ address: ' ' }, 'address'],
    [{ name: 'x'.repeat(101) }, 'name'],
  ])('%j is left out with its line and reason', (values, field) => {
    expect(read(values).leftOut).toMatchObject({ line: 7, text: expect.stringMatching(`^${field}: `) });
  });

  test('says nothing of what its file has no column for', () => {
    const { shop } = read({});
    expect(shop).not.toHaveProperty('hours');
    expect(shop?.details).not.toHaveProperty('place');
    expect(shop?.details).not.toHaveProperty('delivery');
  });

  test('an empty cell is unknown, Y and N are yes and no', () => {
    const { shop, remarks } = read({ hours: '', delivery: 'Y', parking: 'maybe' });
    expect(shop).toMatchObject({ hours: null, details: { delivery: true, parking: null } });
    expect(remarks).toEqual(['parking "maybe" is neither Y nor N: left unknown']);
  });

  test('a place outside Korea is left unknown, with a remark', () => {
    expect(read({ latitude: '37.5', longitude: '126.9' }).shop?.details.place).toEqual({
      latitude: 37.5,
      longitude: 126.9,
    });
    const { shop, remarks } = read({ latitude: '46.8861688', longitude: '20.4978794' });
    expect(shop?.details.place).toBeNull();
    expect(remarks).toEqual(['place 46.8861688, 20.4978794 is not in Korea: left unknown']);
    expect(read({ latitude: '', longitude: '' }).shop?.details.place).toBeNull();
  });
});

describe('a region', () => {
  test('서울 and 서울특별시 are the same province', () => {
    expect(shortProvince('서울특별시')).toBe('서울');
    expect(shortProvince('서울')).toBe('서울');
    expect(shortProvince('화성')).toBeNull();
  });

  test('is read off an address only where it begins with a province', () => {
    expect(regionOfAddress('서울특별시 구로구 경인로47길 6')).toEqual({ province: '서울', city: '구로구' });
    expect(regionOfAddress('세종특별자치시 한누리대로 2130')).toEqual({ province: '세종', city: null });
    expect(regionOfAddress('광덕면 자무실길 61-10')).toBeNull();
  });
});
