import { describe, expect, test } from 'vitest';
import { readAttributes, writeAttributes } from '../../../contracts/wire/attributes.ts';

const facts = {
  eventId: '0199d8f0-0000-7000-8000-000000000001',
  version: 7,
  occurredAt: 1_750_000_000_000,
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  lane: 'replay',
} as const;

describe('the attributes of a ring', () => {
  test('come back as they went', () => {
    expect(readAttributes(writeAttributes('shop.opened', facts))).toEqual(facts);
  });

  test('are at most six, since SNS drops a raw message with more than ten', () => {
    expect(Object.keys(writeAttributes('shop.opened', facts))).toHaveLength(6);
  });

  test('the type is always there: SNS filters on it', () => {
    expect(writeAttributes('shop.opened', {})).toEqual({ type: { DataType: 'String', StringValue: 'shop.opened' } });
  });

  test('the lane live goes without saying', () => {
    expect(writeAttributes('shop.opened', { lane: 'live' })).not.toHaveProperty('lane');
  });

  test.each([
    ['version', '-1'],
    ['version', '1.5'],
    ['version', '9007199254740993'],
    ['version', 'NaN'],
    ['version', ''],
    ['occurredAt', 'yesterday'],
    ['occurredAt', '9007199254740991'],
    ['eventId', 'drop table'],
    ['traceparent', '<script>'],
    ['lane', 'fast'],
    ['colour', 'red'],
  ])('%s "%s" only means that less is known', (name, value) => {
    expect(readAttributes({ [name]: { DataType: 'String', StringValue: value } })).toEqual({});
  });

  test('a message without attributes, or with a binary one, is read all the same', () => {
    expect(readAttributes(undefined)).toEqual({});
    expect(readAttributes({ version: { DataType: 'Binary' } })).toEqual({});
  });
});
