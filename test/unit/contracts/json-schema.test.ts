import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect, test } from 'vitest';
import * as z from 'zod/mini';
import { jsonSchemaOf } from '../../../contracts/documents/json-schema.ts';
import { shopWords } from '../../../contracts/documents/shops/vocabulary.ts';
import { createVocabulary } from '../../../contracts/documents/vocabulary.ts';
import { ShopName } from '../../../contracts/shops/shop.ts';
import { Version } from '../../../contracts/wire/resource.ts';
import { DigestRequest } from '../../../contracts/wire/source-api.ts';

const vocabulary = createVocabulary(shopWords);
const ajv = new Ajv2020({ strict: false });

const values: [what: string, schema: z.core.$ZodType, value: unknown, isValid: boolean][] = [
  ['a name', ShopName, '국수', true],
  ['a name with blanks in it', ShopName, 'a b', true],
  ['blanks alone', ShopName, ' ', false],
  ['a control character', ShopName, 'a\u0007b', false],
  ['a control character of the second kind', ShopName, 'a\u0085b', false],
  ['a character beyond 16 bits', ShopName, '🍜', true],
  ['the largest version that JavaScript counts to', Version, Number.MAX_SAFE_INTEGER, true],
  ['a version above it', Version, 2 ** 53, false],
  ['buckets', DigestRequest, { prefixes: ['', '0a'] }, true],
  ['a bucket twice', DigestRequest, { prefixes: ['0a', '0a'] }, false],
];

// What schemathesis found: documents allowed what the API refuses.
test.each(values)('%s: its JSON Schema and the check that runs say the same', (_, schema, value, isValid) => {
  expect(z.safeParse(schema, value).success).toBe(isValid);
  expect(ajv.validate(jsonSchemaOf(schema, 'input', vocabulary), value)).toBe(isValid);
});

test('half of a surrogate pair is refused, though no document can say so', () => {
  expect(z.safeParse(ShopName, 'a\ud83c').error?.issues.map(({ message }) => message)).toEqual([
    'must not contain control or format characters (U+D83C)',
  ]);
});

test('a name that is far too long never reaches the pattern, which would take minutes', () => {
  const { issues } = z.safeParse(ShopName, `${'a'.repeat(250_000)}\u0007`).error ?? { issues: [] };
  expect(issues.map(({ code }) => code)).toEqual(['too_big']);
});

test('of a name of blanks one thing is said', () => {
  expect(z.safeParse(ShopName, '   ').error?.issues).toHaveLength(1);
});
