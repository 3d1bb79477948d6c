import { alternativesOf, type SchemaPlace } from '../../../contracts/compare/alternatives.ts';
import type { JsonSchema } from '../../../contracts/documents/json-schema.ts';

/** Writes the path of a field in a field: `menu[].price`. */
const at = (path: string, key: string) => (path === '' ? key : `${path}.${key}`);

/** Wraps a value so that `read` is called with the path of each field, each time it is read. */
export function recorded<Value>(value: Value, read: (path: string) => void): Value {
  return wrap(value, '', read, new WeakMap()) as Value;
}

function wrap(value: unknown, path: string, read: (path: string) => void, known: WeakMap<object, unknown>): unknown {
  if (typeof value !== 'object' || value === null) return value;
  // One wrapper per object, so that comparisons of objects still work.
  if (!known.has(value)) known.set(value, proxyOf(value, path, read, known));
  return known.get(value);
}

function proxyOf(value: object, path: string, read: (path: string) => void, known: WeakMap<object, unknown>): object {
  const isList = Array.isArray(value);
  return new Proxy(value, {
    get(target, key, receiver) {
      const inner: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key)) return inner;
      if (!isList) read(at(path, key));
      return wrap(inner, isList ? `${path}[]` : at(path, key), read, known);
    },
  });
}

/** Lists every field of a value. Pure. */
export function fieldsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => fieldsOf(each, `${path}[]`)))];
  return Object.entries(value).flatMap(([key, each]) => [at(path, key), ...fieldsOf(each, at(path, key))]);
}

/** Lists every field that values of a schema can have. Pure. */
export function fieldsOfSchema({ schema, root }: SchemaPlace, path = ''): string[] {
  const fields = alternativesOf({ schema, root }).flatMap(({ schema: { properties = {}, items } }) => [
    ...Object.entries(properties as Record<string, JsonSchema>).flatMap(([key, each]) => [
      at(path, key),
      ...fieldsOfSchema({ schema: each, root }, at(path, key)),
    ]),
    ...(items === undefined ? [] : fieldsOfSchema({ schema: items as JsonSchema, root }, `${path}[]`)),
  ]);
  return [...new Set(fields)];
}

/** Lists the fields that are not in `there`. Fields inside a missing field are left out. Pure. */
export function lacking(fields: Iterable<string>, there: ReadonlySet<string>): string[] {
  const missing = [...fields].filter((field) => !there.has(field));
  const isInside = (field: string) =>
    missing.some((other) => field.startsWith(`${other}.`) || field.startsWith(`${other}[]`));
  return missing.filter((field) => !isInside(field));
}
