import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { decodeCp949, NotCp949 } from '../../../localstack/import/cp949.ts';
import { decode, encodingNamed, NotText } from '../../../localstack/import/decode.ts';

const utf8 = (text: string) => new TextEncoder().encode(text);
const utf16 = (text: string, { big = false, mark = true } = {}) => {
  const bytes = Buffer.from(`${mark ? '\ufeff' : ''}${text}`, 'utf16le');
  return new Uint8Array(big ? bytes.swap16() : bytes);
};
const korean = '이름,주소\n똠양꿍 뷁,서울특별시 강남구\n';
/** What Python's codec `cp949` makes of the text above. */
const cp949 = new Uint8Array(
  Buffer.from('c0ccb8a72cc1d6bcd20a8c63bee7b2e12094ee2cbcadbfefc6afbab0bdc320b0adb3b2b1b80a', 'hex'),
);

describe('CP949', () => {
  test('is decoded in full: every pair of bytes as the codec of Python 3 has it', () => {
    const pairs: string[] = [];
    for (let lead = 0x81; lead < 0xff; lead++)
      for (let trail = 0x41; trail < 0xff; trail++) pairs.push(orQuestionMark(new Uint8Array([lead, trail])));
    expect(pairs.filter((char) => char !== '?')).toHaveLength(17_048);
    expect(createHash('sha256').update(pairs.join('')).digest('hex')).toBe(
      '4e30b41e3c195867dba56b238e159dc3b600b8e586a10da22779b06b6647111f',
    );
  });

  test('has every syllable of today', () => {
    expect(decodeCp949(cp949)).toBe(korean);
    expect(decodeCp949(new Uint8Array([0x81, 0x41, 0xc6, 0x52]))).toBe('갂힣');
  });

  test.each([
    [[0x61, 0x80, 0x61], 1],
    [[0x61, 0x62, 0xff], 2],
    [[0xb0, 0xa1, 0xb0], 2],
    [[0xc9, 0xa1], 0],
    [[0xc6, 0x53], 0],
  ])('has no character for %j, and says where', (bytes, at) => {
    expect(() => decodeCp949(new Uint8Array(bytes))).toThrow(expect.objectContaining({ name: 'NotCp949', at }));
  });
});

function orQuestionMark(bytes: Uint8Array): string {
  try {
    return decodeCp949(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(NotCp949);
    return '?';
  }
}

describe('a file', () => {
  test.each([
    ['UTF-8', utf8(korean)],
    ['UTF-8 with a mark', utf8(`\ufeff${korean}`)],
    ['"Unicode text" of Excel', utf16(korean)],
    ['UTF-16 in the other order', utf16(korean, { big: true })],
  ])('in %s is known by itself', (_, bytes) => {
    expect(decode(bytes)).toBe(korean);
  });

  test.each([
    ['euc-kr', cp949],
    ['utf-16le', utf16(korean, { mark: false })],
    ['utf-16be', utf16(korean, { mark: false, big: true })],
    ['utf-8', utf8(korean)],
  ] as const)('in %s is read as it was stated', (encoding, bytes) => {
    expect(decode(bytes, encoding)).toBe(korean);
  });

  test('is read by its mark, whatever was stated', () => {
    expect(decode(utf16(korean), 'euc-kr')).toBe(korean);
    expect(decode(utf8(`\ufeff${korean}`), 'euc-kr')).toBe(korean);
  });

  const ascii = 'id,name\n';
  test.each([
    ['EUC-KR', cp949, 'byte 0xc0 on line 1 is not valid in it. It can be read as EUC-KR (CP949)'],
    ['EUC-KR, far down', new Uint8Array([...utf8('id\r\na\r\nb\r\n'), 0xb0, 0xa1, 0x0a]), 'on line 4'],
    ['EUC-KR, on an old Mac', new Uint8Array([...utf8('id\ra\r'), 0xb0, 0xa1, 0x0d]), 'on line 3'],
    ['neither', new Uint8Array([...utf8(korean), 0xff, 0xfe, 0x0a]), "it isn't EUC-KR (CP949) either"],
    ['cut off within a character', utf8(korean).subarray(0, -3), 'cut off'],
    ['UTF-16 without a mark', utf16(ascii, { mark: false }), '--encoding utf-16le'],
    ['UTF-16 without a mark, with Korean', utf16(`${ascii}a,국수\n`, { mark: false }), '--encoding utf-16le'],
    ['UTF-16 in the other order without a mark', utf16(ascii, { mark: false, big: true }), '--encoding utf-16be'],
    ['UTF-16 that is cut off', utf16(korean).subarray(0, -1), 'cut off'],
    ['UTF-32', new Uint8Array([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0]), 'UTF-32'],
    ['with zeros in it', utf8('id,name\na,\0\n'), 'line 2 has a byte that is 0'],
    ['an Excel workbook', new Uint8Array([0x50, 0x4b, 3, 4, 0xff]), 'save it as "CSV UTF-8"'],
    ['an old Excel workbook', new Uint8Array([0xd0, 0xcf, 0x11, 0xe0]), 'save it as "CSV UTF-8"'],
    ['compressed', new Uint8Array([0x1f, 0x8b, 8]), 'unpack it first'],
  ])('that is %s is refused with what to do', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(NotText);
    expect(() => decode(bytes)).toThrow(message);
  });

  test.each([
    ['UTF-8', utf8(korean), 'leave out --encoding'],
    ['damaged', new Uint8Array([...cp949, 0xff, 0x0a]), 'byte 0xff on line 3'],
    ['cut off', cp949.subarray(0, -2), 'cut off'],
  ])('that is said to be EUC-KR and is %s is refused', (_, bytes, message) => {
    expect(() => decode(bytes, 'euc-kr')).toThrow(message);
  });

  test('of real shops is not taken for EUC-KR', () => {
    const bytes = readFileSync('localstack/data/shops-2021-03.csv');
    expect(() => decode(bytes, 'euc-kr')).toThrow('The file is UTF-8, not EUC-KR');
  });
});

test('an encoding has the names that people and programs give it', () => {
  expect(['UTF-8', 'utf8', 'utf-8-sig'].map(encodingNamed)).toEqual(['utf-8', 'utf-8', 'utf-8']);
  expect(['EUC-KR', 'CP949', 'ms949', 'ks_c_5601-1987', 'UHC'].map(encodingNamed)).toEqual(Array(5).fill('euc-kr'));
  expect(['klingon', '', 'constructor'].map(encodingNamed)).toEqual([null, null, null]);
});
