import type { JsonSchema } from '../documents/json-schema.ts';

/** Kind of change of a schema, whatever the schema is for. */
export type ChangeKind =
  | 'removed'
  | 'added'
  | 'now-required'
  | 'now-optional'
  | 'widened'
  | 'narrowed'
  /** Neither wider nor narrower, or impossible to tell: another pattern, another format. */
  | 'changed'
  | 'opened'
  | 'closed'
  | 'default';

/** One change of a schema, at a field such as `menu[].price`. */
export type SchemaChange = {
  readonly path: string;
  readonly kind: ChangeKind;
  /** Description that follows the path: `may be null now`. */
  readonly what: string;
  /** True if an added field is required. */
  readonly isRequired?: boolean;
  /** For an added field: true if the object refused unknown fields before. */
  readonly isClosed?: boolean;
};

/** Keywords that allow less when they are raised; `upper` are keywords that allow more. */
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties', 'minContains'];
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties', 'maxContains'];

/**
 * Keywords that are compared elsewhere, or that are text for people. A difference in any other keyword counts as a
 * change: the gate ignores none.
 */
const elsewhere = new Set([
  ...['type', 'enum', 'const', 'properties', 'required', 'additionalProperties', 'items', 'default', 'pattern'],
  ...['title', 'description', 'examples', 'example', 'deprecated', 'id', '$id', '$schema', '$defs', '$comment'],
]);

/** Lists the changes in the values that one kind of schema allows. Pure. */
export function constraintChanges(old: JsonSchema, now: JsonSchema, path: string): SchemaChange[] {
  const keys = new Set([...Object.keys(old), ...Object.keys(now)]);
  const others = [...keys].filter((key) => !elsewhere.has(key) && !lower.includes(key) && !upper.includes(key));
  return [
    ...integerChanges(old, now, path),
    ...valueChanges(valuesOf(old), valuesOf(now), path),
    ...lower.flatMap((key) => boundChanges(key, old[key], now[key], -Infinity, path)),
    ...upper.flatMap((key) => boundChanges(key, old[key], now[key], Infinity, path)),
    ...patternChanges([old.pattern ?? []].flat(), [now.pattern ?? []].flat(), path),
    ...others.flatMap((key) => keywordChanges(key, old[key], now[key], path)),
  ];
}

function integerChanges({ type: old }: JsonSchema, { type: now }: JsonSchema, path: string): SchemaChange[] {
  if (old === now) return [];
  if (now === 'integer') return [{ path, kind: 'narrowed', what: 'is a whole number now' }];
  return [{ path, kind: 'widened', what: 'may be a fraction now' }];
}

/** Lists the values of an enumeration; null where any value of the type is allowed. */
function valuesOf(schema: JsonSchema): string[] | null {
  if ('const' in schema) return [JSON.stringify(schema.const)];
  return Array.isArray(schema.enum) ? schema.enum.map((value) => JSON.stringify(value)) : null;
}

function valueChanges(old: string[] | null, now: string[] | null, path: string): SchemaChange[] {
  if (old === null && now === null) return [];
  if (old === null) return [{ path, kind: 'narrowed', what: `is one of ${now?.join(', ')} now` }];
  if (now === null) return [{ path, kind: 'widened', what: `is no longer one of ${old.join(', ')} only` }];
  const [gone, come] = [old.filter((value) => !now.includes(value)), now.filter((value) => !old.includes(value))];
  return [
    ...gone.map((value): SchemaChange => ({ path, kind: 'narrowed', what: `is never ${value} any more` })),
    ...come.map((value): SchemaChange => ({ path, kind: 'widened', what: `may be ${value} now` })),
  ];
}

/** Lists changes of a bound. `none` is the bound of a schema that states none. */
function boundChanges(key: string, old: unknown, now: unknown, none: number, path: string): SchemaChange[] {
  const [was, is] = [bound(old, none), bound(now, none)];
  if (was === is) return [];
  const isNarrower = none < 0 ? is > was : is < was;
  const what = `${key} is ${text(is)}; it was ${text(was)}`;
  return [{ path, kind: isNarrower ? 'narrowed' : 'widened', what }];
}

const bound = (value: unknown, none: number) => (typeof value === 'number' ? value : none);
const text = (value: number) => (Number.isFinite(value) ? String(value) : 'unlimited');

/**
 * Lists changes of patterns. Added patterns allow less, removed ones more; for a replaced pattern it is impossible to
 * tell.
 */
function patternChanges(old: unknown[], now: unknown[], path: string): SchemaChange[] {
  const gone = old.filter((pattern) => !now.includes(pattern));
  const come = now.filter((pattern) => !old.includes(pattern));
  const said = (verb: string, patterns: unknown[]) => `${verb} ${patterns.map(short).join(' and ')}`;
  if (gone.length > 0 && come.length > 0) return [{ path, kind: 'changed', what: said('fits another pattern:', come) }];
  if (gone.length > 0) return [{ path, kind: 'widened', what: said('need no longer fit', gone) }];
  return come.length > 0 ? [{ path, kind: 'narrowed', what: said('fits a pattern now:', come) }] : [];
}

/** 60 characters: enough to recognize a pattern. */
const short = (value: unknown) => JSON.stringify(value)?.replace(/^(.{60}).+$/, '$1…');

function keywordChanges(key: string, old: unknown, now: unknown, path: string): SchemaChange[] {
  if (JSON.stringify(old) === JSON.stringify(now)) return [];
  const what = `${key} is ${short(now) ?? 'gone'}; it was ${short(old) ?? 'not there'}`;
  if (old === undefined) return [{ path, kind: 'narrowed', what }];
  return [{ path, kind: now === undefined ? 'widened' : 'changed', what }];
}
