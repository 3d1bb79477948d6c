import type { Condition, Filter, Indexes } from '../../runtime/views/view-store.ts';
import { pathsOf } from '../../runtime/views/view-store.ts';

/** Reads a value of a view as text, in the format of SQLite's `->>`; null where there is none. */
export function textAt(view: unknown, path: string): string | null {
  let value = view;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, name)) return null;
    value = (value as Record<string, unknown>)[name];
  }
  if (value === null || value === undefined) return null;
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** 100 characters, at most 300 bytes: a key takes 2,048 (Amazon DynamoDB quotas). */
const LONGEST_HEAD = 100;

/**
 * Makes the key that a value is looked up by: its part before the first underscore, since 한식 must find 한식_일반. Rows with
 * the same head but another value are filtered out afterwards. A key must not be empty, hence the mark.
 */
export function headOf(value: string): string {
  const [head = ''] = value.split('_', 1);
  return `=${head.slice(0, LONGEST_HEAD).toWellFormed()}`;
}

/** Lists every head that values under a condition can have; null if any head is possible. */
export function headsOf(condition: Condition | readonly Condition[]): string[] | null {
  const heads = listed(condition).map(headUnder);
  return heads.every((head) => head !== null) ? [...new Set(heads)] : null;
}

function headUnder(condition: Condition): string | null {
  if (typeof condition === 'string') return headOf(condition);
  // A beginning fixes the head only if it goes beyond the head.
  return 'startsWith' in condition && condition.startsWith.includes('_') ? headOf(condition.startsWith) : null;
}

/** Makes a function that checks views against a filter. Throws RangeError for a value that is not indexed. */
export function judgeOf(indexes: Indexes, filter: Filter): (view: unknown) => boolean {
  const paths = new Map(pathsOf(indexes).map(({ name, path }) => [name, path]));
  const tests = Object.entries(filter).map(([name, condition]) => {
    const path = paths.get(name);
    if (path === undefined)
      throw new RangeError(`"${name}" is not indexed; there are ${Object.keys(indexes).join(', ')}`);
    const conditions = listed(condition);
    return (view: unknown) => {
      const value = textAt(view, path);
      return value !== null && conditions.some((each) => holds(each, value));
    };
  });
  return (view) => tests.every((test) => test(view));
}

function holds(condition: Condition, value: string): boolean {
  if (typeof condition === 'string') return value === condition;
  return 'contains' in condition ? value.includes(condition.contains) : value.startsWith(condition.startsWith);
}

const listed = (condition: Condition | readonly Condition[]) =>
  Array.isArray(condition) ? (condition as readonly Condition[]) : [condition as Condition];
