import { isDeepStrictEqual } from 'node:util';

/** A field in which two values differ: `menu.0.price`; empty where they differ as a whole. */
export type FieldDifference = { field: string; expected: unknown; found: unknown };

/** Compares the expected value with the found one, field by field. Pure. */
export function differencesOf(expected: unknown, found: unknown, field = ''): FieldDifference[] {
  if (isDeepStrictEqual(expected, found)) return [];
  if (!isRecord(expected) || !isRecord(found)) return [{ field, expected, found }];
  const keys = new Set([...Object.keys(expected), ...Object.keys(found)]);
  return [...keys].flatMap((key) => differencesOf(expected[key], found[key], field ? `${field}.${key}` : key));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
