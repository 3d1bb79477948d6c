import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { ShopName } from '../../../contracts/shops/shop.ts';
import { cleanCell, LINE_END } from '../../../localstack/import/clean-cell.ts';

/** Texts of what files hold: Korean in both forms, blanks, ends of lines, and what nobody sees. */
const odd = fc.constantFrom(
  ...[
    '서울'.normalize('NFD'),
    '서울',
    'Y',
    '6000',
    'é',
    'é'.normalize('NFD'),
    '👨‍👩‍👧',
    '🏴\u{e0067}\u{e007f}',
    '葛\u{e0100}',
    'می\u200cخ',
  ],
  ...[
    ' ',
    '\u00a0',
    '\u3000',
    '\u2003',
    '\t',
    '\r',
    '\n',
    '\r\n',
    '\u0085',
    '\u2028',
    '\u3164',
    '\u2800',
    '\u115f',
    '\uffa0',
  ],
  ...[
    '\u200b',
    '\u200c',
    '\u200d',
    '\u2060',
    '\ufeff',
    '\u00ad',
    '\u200e',
    '\u202e',
    '\u2069',
    '\u034f',
    '\ufe0f',
    '\u{e0041}',
  ],
);
const anyText = fc
  .array(fc.oneof({ weight: 3, arbitrary: odd }, fc.string({ unit: 'binary', maxLength: 3 })))
  .map((all) => all.join(''));

describe('a cell', () => {
  test.each([
    ['in NFD, as macOS writes', '서울'.normalize('NFD'), '서울'],
    ['with a zero-width blank before it', '\u200b서울', '서울'],
    ['with one between the letters of a syllable', '\u1109\u200b\u1165울', '서울'],
    ['with a mark of byte order in it', '서\ufeff울', '서울'],
    ['with blanks of other widths', '\u00a0서울\u3000강남\u2003', '서울 강남'],
    ['with a line break of Windows', '서울\r\n강남', '서울 강남'],
    ['with a line break that has blanks around it', '서울 \n  강남', '서울 강남'],
    ['with a tab', 'a\tb', 'a b'],
    ['with the separators of Unicode', 'a\u2028b\u2029c\u0085d', 'a b c d'],
    ['with a carriage return that was left at its end', 'Y\r', 'Y'],
    ['that turns the direction', '\u202e서울\u202c', '서울'],
    ['with a soft hyphen', '논\u00ad현', '논현'],
    ['with Korean fillers at its ends', '\u3164서울\u3164', '서울'],
    ['of a filler alone', '\u3164', ''],
    ['of the empty pattern of Braille', '\u2800', ''],
    ['with a joiner that joins nothing', '국\u200d수\u200d', '국수'],
    ['with a selector that selects nothing', '국\ufe0f수', '국수'],
    ['with tags outside of a flag', '국수\u{e0041}', '국수'],
  ])('%s is what a person sees', (_, raw, clean) => {
    expect(cleanCell(raw)).toBe(clean);
  });

  test.each([
    '👨‍👩‍👧 분식',
    '❤️',
    '👍🏽',
    '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}',
    'می\u200cخواهم',
    'क्\u200dष',
    '葛\u{e0100}城',
    '\u115f\u1161\u11a8',
    'a  b',
  ])('%s needs what is in it, and keeps it', (text) => {
    expect(cleanCell(text)).toBe(text.normalize('NFC'));
  });

  test('keeps control characters, so that they are told', () => {
    expect(cleanCell('a\u0007b')).toBe('a\u0007b');
  });

  test('that is clean stays as it is, whatever was in it', () => {
    fc.assert(
      fc.property(anyText, (raw) => cleanCell(cleanCell(raw)) === cleanCell(raw)),
      { numRuns: 2_000 },
    );
  });

  test('that the contract takes is kept by it letter by letter: else the next import would change it again', () => {
    fc.assert(
      fc.property(anyText, (raw) => {
        const clean = cleanCell(raw);
        const { success, data } = z.safeParse(ShopName, clean);
        return !success || data === clean;
      }),
      { numRuns: 2_000 },
    );
  });

  test('is taken by the contract, if it has no control character and something to see', () => {
    const cells = anyText
      .map(cleanCell)
      .filter((cell) => /(?!\p{Default_Ignorable_Code_Point})[\p{L}\p{N}]/u.test(cell) && cell.length <= 100);
    const harmless = cells.filter((cell) => !/[\p{Cc}\p{Cs}\p{Noncharacter_Code_Point}]/u.test(cell));
    fc.assert(fc.property(harmless, (cell) => z.safeParse(ShopName, cell).success));
  });
});

test('an end of a line is one, whatever system wrote it, and whoever converted it', () => {
  expect('a\nb\r\nc\rd\r\r\ne\r\rf'.split(LINE_END)).toEqual(['a', 'b', 'c', 'd', 'e', '', 'f']);
});
