import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import { jsonSchemaOf } from '../../../contracts/documents/json-schema.ts';
import { createVocabulary } from '../../../contracts/documents/vocabulary.ts';
import {
  Address,
  Category,
  Hours,
  MenuItemName,
  OwnerName,
  PriceNote,
  Region,
  ShopName,
} from '../../../contracts/shops/shop.ts';

const vocabulary = createVocabulary();

const texts = [
  ['a name', ShopName],
  ['a category', Category],
  ['an address', Address],
  ['hours', Hours],
  ['an item', MenuItemName],
  ['a price note', PriceNote],
  ['an owner', OwnerName],
  ['a province', Region.shape.province],
  ['a city', Region.shape.city],
] as const;

const isName = (value: string) => z.safeParse(ShopName, value).success;
const everyCodePoint = () => Array.from({ length: 0x110000 }, (_, code) => code);
const hex = (code: number) => `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
const codesLike = (pattern: RegExp) => everyCodePoint().filter((code) => pattern.test(String.fromCodePoint(code)));

const invisible =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800]/u;
/** What may not even stand beside a letter; the joiners and the tags of flags have tests of their own. */
const harmful = /(?!\u200c|\u200d)[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Noncharacter_Code_Point}]/u;

describe('text for people', () => {
  test('of a character that nobody sees is none, whatever its category', () => {
    const codes = codesLike(invisible);
    expect(codes.length).toBeGreaterThan(4_000);
    expect(codes.filter((code) => isName(String.fromCodePoint(code))).map(hex)).toEqual([]);
  });

  test('of any number of them is none either', () => {
    // Two halves of a pair, one behind the other, are another character.
    const codes = codesLike(invisible).filter((code) => code < 0xd800 || code > 0xdfff);
    const one = fc.nat(codes.length - 1).map((n) => String.fromCodePoint(codes[n] ?? 0x200b));
    const many = fc.array(one, { minLength: 1, maxLength: 20 }).map((all) => all.join(''));
    fc.assert(fc.property(many, (value) => !isName(value)));
  });

  test('has no control or format character among others, and is told which', () => {
    const let_in = codesLike(harmful).filter((code) => isName(`국${String.fromCodePoint(code)}수`));
    expect(let_in.map(hex)).toEqual([]);
    const { error } = z.safeParse(ShopName, '국\u202e수');
    expect(error?.issues.map(({ message }) => message)).toEqual([
      'must not contain control or format characters (U+202E)',
    ]);
  });

  test('may be any one character that is a letter, a digit, a sign or a symbol', () => {
    const codes = codesLike(/[\p{L}\p{N}\p{P}\p{S}]/u).filter((code) => !invisible.test(String.fromCodePoint(code)));
    // U+FFFC stands for what could not be copied, U+1D159 is a note without a head.
    const refused = codes.filter((code) => !isName(String.fromCodePoint(code))).map(hex);
    expect(refused).toEqual(['U+FFFC', 'U+1D159']);
  });

  test.each([
    ['a family, joined', '👨‍👩‍👧 분식'],
    ['a flag made of tags', '🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f} pub'],
    ['a heart with its selector', '❤️'],
    ['a joiner in Persian', 'می\u200cخواهم'],
    ['a conjunct in Hindi', 'क्\u200dष'],
    ['old Korean, with a filler for the first letter', '\u115f\u1161\u11a8'],
    ['old Korean beyond the syllables of today', '\u1112\u119e\u11ab글'],
    ['an ideograph with its variant', '葛\u{e0100}城'],
    ['a blank of another width inside', '김밥\u3000천국'],
  ])('%s stays as it is', (_, value) => {
    expect(z.parse(ShopName, value)).toBe(value.normalize('NFC'));
  });

  test('tags that follow no flag are refused: they hide words', () => {
    expect(isName('국수\u{e0068}\u{e0069}')).toBe(false);
  });

  test.each(texts)('%s is held to it', (_, schema) => {
    for (const value of ['\u200b', '\u3164', '\u2060', '\u2800', '\u202e', '국\u2066수', '\u{e0041}', '\ufe0f'])
      expect(z.safeParse(schema, value).success, JSON.stringify(value)).toBe(false);
  });

  test('is the same in its JSON Schema, for every character that 16 bits hold, alone and among others', () => {
    const validate = new Ajv2020({ strict: false }).compile(jsonSchemaOf(ShopName, 'input', vocabulary));
    // Half of a pair is no character, which no document can say; blanks at the ends are cut off before the check.
    const codes = everyCodePoint().filter((code) => code < 0xd800 || (code > 0xdfff && code < 0x10000));
    for (const around of [(each: string) => each, (each: string) => `국${each}수`]) {
      const other = codes.filter((code) => {
        const value = around(String.fromCodePoint(code));
        return validate(value) !== isName(value);
      });
      expect(other.map(hex)).toEqual([]);
    }
  });

  test('needs no flag and no property in the pattern that documents show', () => {
    const { pattern } = jsonSchemaOf(ShopName, 'input', vocabulary) as { pattern: string };
    expect(pattern).toMatch(/^[\x20-\x7e]+$/);
    expect(pattern).not.toMatch(/\\p|\\u\{/);
    expect(new RegExp(pattern).test('👨‍👩‍👧')).toBe(true);
  });
});
