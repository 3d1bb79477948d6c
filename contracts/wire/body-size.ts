import * as z from 'zod/mini';

/** 6 bytes of one escaped UTF-16 unit, `\uac00`: Python writes every character beyond ASCII this way, in keys too. */
const ESCAPED = 6;
/** 4 units that NFC may compose into one: a Hangul syllable in a Mac's file has 3, `ᾂ` has 4. */
const DECOMPOSED = 4;
/** 32 characters: digits, sign, point and exponent of a number. */
const NUMBER = 32;
/**
 * 24 characters around a value: spaces, line end, comma and colon, indented by four at the greatest depth of a body.
 */
const AROUND = 24;

type Json = Record<string, unknown>;

/**
 * Computes the most bytes that a valid value of a schema can have as JSON, however its writer escapes, decomposes and
 * indents it. Further spaces are not counted. Throws RangeError for a text or a list without a maximum length.
 */
export function mostBytes(schema: z.core.$ZodType): number {
  return AROUND + bytesOf(z.toJSONSchema(schema, { io: 'input' }) as Json, 'the body');
}

/** 64 KiB: the rest of a step above the largest body is left for spaces. */
const STEP = 64 * 1024;

/**
 * Computes the limit of a request with one of these bodies: the next multiple of 64 KiB above the largest valid body.
 */
export function bodyLimitOf(schemas: readonly z.core.$ZodType[]): number {
  return Math.ceil(Math.max(...schemas.map(mostBytes)) / STEP) * STEP;
}

function bytesOf(schema: Json, place: string): number {
  const { anyOf, oneOf, enum: names, const: only, type } = schema;
  const either = (anyOf ?? oneOf) as Json[] | undefined;
  if (either !== undefined) return Math.max(...either.map((each) => bytesOf(each, place)));
  if (names !== undefined) return Math.max(...(names as unknown[]).map(textBytes));
  if (only !== undefined) return textBytes(only);
  if (type === 'string') return 2 + ESCAPED * unitsOf(schema, place);
  if (type === 'object') return objectBytes(schema, place);
  if (type === 'array') return listBytes(schema, place);
  return NUMBER;
}

const textBytes = (value: unknown) => ESCAPED * JSON.stringify(value).length;

function objectBytes({ properties = {}, additionalProperties }: Json, place: string): number {
  if (additionalProperties !== false) throw new RangeError(`${place} takes keys that it doesn't name`);
  const members = Object.entries(properties as Record<string, Json>);
  return members.reduce((sum, [key, value]) => sum + AROUND + textBytes(key) + bytesOf(value, `${place}.${key}`), 2);
}

function listBytes({ items, maxItems }: Json, place: string): number {
  if (typeof maxItems !== 'number') throw new RangeError(`${place} is a list without a maximum length`);
  return 2 + maxItems * (AROUND + bytesOf(items as Json, `${place}[]`));
}

/**
 * Units of a text. A pattern of ASCII characters that ends in a repetition, `{1,64}`, limits a text as a length does.
 * ASCII can't be decomposed.
 */
function unitsOf({ maxLength, pattern }: Json, place: string): number {
  const [, times] = /\{\d+,(\d+)\}\$$/.exec(String(pattern)) ?? [];
  if (times !== undefined) return Number(times);
  if (typeof maxLength !== 'number') throw new RangeError(`${place} is a text without a maximum length`);
  return isAscii(String(pattern)) ? maxLength : maxLength * DECOMPOSED;
}

/** True for a pattern of ASCII characters, classes that list them, groups and repetitions, and of nothing else. */
function isAscii(pattern: string): boolean {
  const outside = pattern.replaceAll(/\[[\w.~:-]+\]/g, '');
  return /^\^(?:[\w(){},|*+?-]|\\\.)*\$$/.test(outside);
}
