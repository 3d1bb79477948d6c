import type { JsonSchema } from '../documents/json-schema.ts';
import { type Alternative, alternativesOf, resolveSchema, type SchemaPlace } from './alternatives.ts';
import { constraintChanges, type SchemaChange } from './constraint-changes.ts';

/** 32 levels: deeper than any contract; a schema that contains itself is compared down to this level. */
const DEPTH = 32;

/**
 * Lists the changes from one schema to another, field by field. The rules (rules.ts) say which users they break. Pure.
 */
export function schemaChanges(before: SchemaPlace, now: SchemaPlace, path = '', depth = 0): SchemaChange[] {
  if (depth > DEPTH) return [];
  const [old, fresh] = [alternativesOf(before), alternativesOf(now)];
  const isOpen = (kinds: typeof old) => kinds.some(({ kind }) => kind === 'anything');
  if (isOpen(old) !== isOpen(fresh)) return [openness(path, isOpen(fresh))];
  const pairs = pairUp(old, fresh);
  const gone = old.filter((each) => !pairs.some(([one]) => one === each));
  const come = fresh.filter((each) => !pairs.some(([, other]) => other === each));
  return [
    ...gone.map(({ kind }): SchemaChange => ({ path, kind: 'narrowed', what: `is never ${article(kind)} any more` })),
    ...come.map(({ kind }): SchemaChange => ({ path, kind: 'widened', what: `may be ${article(kind)} now` })),
    ...pairs.flatMap(([one, other]) => [
      ...constraintChanges(one.schema, other.schema, path + label(one.kind)),
      ...partChanges(
        { schema: one.schema, root: before.root },
        { schema: other.schema, root: now.root },
        path + label(one.kind),
        depth + 1,
      ),
    ]),
  ];
}

/** Pairs alternatives of the same kind: equal ones first, the others in order. */
function pairUp(old: readonly Alternative[], fresh: readonly Alternative[]): [Alternative, Alternative][] {
  const equal = old.flatMap((one): [Alternative, Alternative][] => {
    const other = fresh.find((each) => each.kind === one.kind && same(each.schema, one.schema));
    return other === undefined ? [] : [[one, other]];
  });
  const rest = fresh.filter((each) => !equal.some(([, other]) => other === each));
  const others = old.filter((each) => !equal.some(([one]) => one === each));
  const changed = others.flatMap((one): [Alternative, Alternative][] => {
    const at = rest.findIndex(({ kind }) => kind === one.kind);
    const [other] = at < 0 ? [] : rest.splice(at, 1);
    return other === undefined ? [] : [[one, other]];
  });
  return [...equal, ...changed];
}

const openness = (path: string, isOpen: boolean): SchemaChange =>
  isOpen
    ? { path, kind: 'widened', what: 'may be anything now' }
    : { path, kind: 'narrowed', what: 'may no longer be anything' };

/** Makes a label of one object among several, `[status=200]`; empty for any other kind. */
const label = (kind: string) => /^object with (.*)$/.exec(kind)?.[1]?.replace(/^.*$/, '[$&]') ?? '';
const article = (kind: string) =>
  kind === 'null' || kind === 'anything' ? kind : `${/^[aio]/.test(kind) ? 'an' : 'a'} ${kind}`;

/** Lists changes of the fields of objects and of the items of lists. */
function partChanges(before: SchemaPlace, now: SchemaPlace, path: string, depth: number): SchemaChange[] {
  const { type } = before.schema;
  if (type === 'array') return innerChanges('items', before, now, `${path}[]`, depth);
  if (type !== 'object') return [];
  const names = new Set([before, now].flatMap(({ schema }) => Object.keys(propertiesOf(schema))));
  const at = (name: string) => (path === '' ? name : `${path}.${name}`);
  return [
    ...[...names].flatMap((name) => fieldChanges(name, before, now, at(name), depth)),
    ...innerChanges('additionalProperties', before, now, at('*'), depth),
  ];
}

function fieldChanges(
  name: string,
  before: SchemaPlace,
  now: SchemaPlace,
  path: string,
  depth: number,
): SchemaChange[] {
  const [old, fresh] = [propertiesOf(before.schema)[name], propertiesOf(now.schema)[name]];
  const isRequired = requires(now.schema, name);
  if (fresh === undefined) return [{ path, kind: 'removed', what: 'is gone' }];
  if (old === undefined) {
    const isClosed = before.schema.additionalProperties === false;
    return [{ path, kind: 'added', what: isRequired ? 'is new and required' : 'is new', isRequired, isClosed }];
  }
  const [one, other] = [
    { schema: old, root: before.root },
    { schema: fresh, root: now.root },
  ];
  return [
    ...(requires(before.schema, name) === isRequired ? [] : [requirement(path, isRequired)]),
    ...defaultChanges(resolveSchema(one), resolveSchema(other), path),
    ...schemaChanges(one, other, path, depth),
  ];
}

const requirement = (path: string, isRequired: boolean): SchemaChange =>
  isRequired
    ? { path, kind: 'now-required', what: 'is required now' }
    : { path, kind: 'now-optional', what: 'may be absent now' };

function defaultChanges(old: JsonSchema, now: JsonSchema, path: string): SchemaChange[] {
  if (same(old.default, now.default)) return [];
  const [was, is] = [old, now].map((each) => ('default' in each ? JSON.stringify(each.default) : 'nothing'));
  return [{ path, kind: 'default', what: `is ${is} by default; it was ${was}` }];
}

/** Lists changes that hold for every item of a list, or for every field without a name of its own. */
function innerChanges(
  key: 'items' | 'additionalProperties',
  before: SchemaPlace,
  now: SchemaPlace,
  path: string,
  depth: number,
): SchemaChange[] {
  const [old, fresh] = [innerOf(before.schema[key]), innerOf(now.schema[key])];
  if (old !== null && fresh !== null)
    return schemaChanges({ schema: old, root: before.root }, { schema: fresh, root: now.root }, path, depth);
  if (old === fresh) return [];
  return old === null
    ? [{ path, kind: 'opened', what: 'unknown fields are taken now' }]
    : [{ path, kind: 'closed', what: 'unknown fields are refused now' }];
}

/** Returns the schema of inner values: any value where none is stated, null where none is allowed. */
function innerOf(value: unknown): JsonSchema | null {
  if (value === false) return null;
  return typeof value === 'object' && value !== null ? (value as JsonSchema) : {};
}

const propertiesOf = (schema: JsonSchema) => (schema.properties ?? {}) as Record<string, JsonSchema>;
const requires = ({ required }: JsonSchema, name: string) => Array.isArray(required) && required.includes(name);
const same = (one: unknown, other: unknown) => JSON.stringify(one) === JSON.stringify(other);
