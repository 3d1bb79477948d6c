import * as z from 'zod/mini';

/**
 * 6: bytes of one UTF-16 unit that is escaped, `\uac00`, as Python writes whatever is not ASCII; a key may be written
 * so, too.
 */
const ESCAPED = 6;
/** 4: units that one unit may be before NFC puts it together: a Hangul syllable of a Mac's file has 3, `ᾂ` has 4. */
const DECOMPOSED = 4;
/** 32: digits, sign, point and exponent of a number. */
const NUMBER = 32;
/** 24: blanks, line end, comma and colon around a value, as deep as bodies go, indented by four. */
const AROUND = 24;

type Json = Record<string, unknown>;

/**
 * The most bytes that a value which a schema takes can have as JSON, however its writer escapes, decomposes and indents
 * it. Blanks beyond that are the writer's own. Throws RangeError for a text or a list that the schema doesn't bound.
 */
export function mostBytes(schema: z.core.$ZodType): number {
  return AROUND + bytesOf(z.toJSONSchema(schema, { io: 'input' }) as Json, 'the body');
}

/** 64 KiB: what is above the largest body is left for blanks. */
const STEP = 64 * 1024;

/** The limit of a request whose body is one of these: the next 64 KiB above the largest that is legal. */
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
  if (typeof maxItems !== 'number') throw new RangeError(`${place} is a list without an end`);
  return 2 + maxItems * (AROUND + bytesOf(items as Json, `${place}[]`));
}

/** A pattern of ASCII that ends in how often, `{1,64}`, bounds a text as well as a length does. */
function unitsOf({ maxLength, pattern }: Json, place: string): number {
  const [, times] = /\{\d+,(\d+)\}\$$/.exec(String(pattern)) ?? [];
  if (times !== undefined) return Number(times);
  if (typeof maxLength !== 'number') throw new RangeError(`${place} is a text without an end`);
  return maxLength * DECOMPOSED;
}
