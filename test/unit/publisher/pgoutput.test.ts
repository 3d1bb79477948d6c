import { expect, test } from 'vitest';
import type { Database } from '../../../publisher/postgres/database.ts';
import { createPgoutputReader } from '../../../publisher/relay/log/pgoutput.ts';
import { shopLog } from '../../../publisher/shops/store/shop-log.ts';

const int16 = (value: number) => Buffer.from([value >> 8, value & 0xff]);
const int32 = (value: number) => Buffer.concat([int16(value >>> 16), int16(value & 0xffff)]);
const int64 = (value: bigint) => Buffer.concat([int32(Number(value >> 32n)), int32(Number(value & 0xffffffffn))]);
const string = (text: string) => Buffer.from(`${text}\0`);
const message = (kind: string, ...parts: Buffer[]) => Buffer.concat([Buffer.from(kind), ...parts]);

/** Nothing is asked of it here. */
const database = {} as Database;
const COLUMNS = ['id', 'shop_id', 'version', 'event_id', 'type', 'at'];
const ROW = ['12', 'shop_1', '3', 'e1', 'shop.opened', '2026-11-24 10:15:00.25+00'];

const column = (name: string) => Buffer.concat([Buffer.from([0]), string(name), int32(20), int32(-1)]);
const relation = (names: string[]) =>
  message(
    'R',
    int32(77),
    string('public'),
    string('shop_events'),
    Buffer.from('d'),
    int16(names.length),
    ...names.map(column),
  );
const value = (text: string) => Buffer.concat([Buffer.from('t'), int32(Buffer.byteLength(text)), Buffer.from(text)]);
const insert = (values: string[]) =>
  message('I', int32(77), Buffer.from('N'), int16(values.length), ...values.map(value));
const begin = message('B', int64(0n), int64(0n), int32(9));
const commit = (end: bigint) => message('C', Buffer.from([0]), int64(end - 8n), int64(end), int64(0n));

test('a transaction is what lies between its begin and its commit', () => {
  const read = createPgoutputReader(shopLog(database).replication.columns);
  expect([begin, relation(COLUMNS), insert(ROW)].map((each) => read(each))).toEqual([null, null, null]);
  expect(read.isOpen()).toBe(true);
  expect(read(commit(0x1_0000_0010n))).toEqual({
    end: 0x1_0000_0010n,
    rings: [
      {
        position: 12,
        id: 'shop_1',
        version: 3,
        eventId: 'e1',
        type: 'shop.opened',
        occurredAt: Date.UTC(2026, 10, 24, 10, 15, 0, 250),
      },
    ],
  });
  expect(read.isOpen()).toBe(false);
});

test('what others write into the log is passed over, and an empty transaction has a place in it', () => {
  const read = createPgoutputReader(shopLog(database).replication.columns);
  const foreign = [
    message('Y', int32(1), string('public'), string('mood')),
    message('O', int64(1n), string('elsewhere')),
  ];
  expect([begin, ...foreign].map((each) => read(each))).toEqual([null, null, null]);
  expect(read(commit(50n))).toEqual({ rings: [], end: 50n });
});

test('a publication that leaves out what a ring needs is an error that says so', () => {
  const read = createPgoutputReader(shopLog(database).replication.columns);
  read(begin);
  read(relation(['id', 'shop_id']));
  expect(() => read(insert(['12', 'shop_1']))).toThrow(/must have id, shop_id, type, version, event_id, at/);
});
