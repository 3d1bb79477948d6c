import type { JsonSchema } from '../documents/json-schema.ts';

/** A schema and the document that its references point into. */
export type SchemaPlace = { readonly schema: JsonSchema; readonly root: unknown };

/** One kind of value that a schema allows: `string`, `null`, `object`, or `object with status=200` among several. */
export type Alternative = { readonly kind: string; readonly schema: JsonSchema };

type Types = readonly string[];

/**
 * Lists the alternatives of a schema by kind. It follows references, merges `allOf`, and splits `anyOf` and lists of
 * types.
 */
export function alternativesOf(place: SchemaPlace): Alternative[] {
  const plain = plainOf(place);
  const objects = plain.filter(({ type }) => type === 'object');
  return plain.map((schema) => {
    const kind = kindOf(schema.type);
    return { kind: kind === 'object' && objects.length > 1 ? `object with ${constants(schema, place)}` : kind, schema };
  });
}

/** Follows a schema's reference and merges its `allOf`. Throws TypeError for a reference to nothing. */
export function resolveSchema({ schema, root }: SchemaPlace): JsonSchema {
  const { $ref, allOf, ...own } = schema;
  if (typeof $ref === 'string') return { ...resolveSchema({ schema: pointed(root, $ref), root }), ...own };
  if (!Array.isArray(allOf)) return schema;
  return [...allOf.map((each: JsonSchema) => resolveSchema({ schema: each, root })), own].reduce(join);
}

/** Makes one schema per type; an integer is a number that allows less. */
function plainOf(place: SchemaPlace): JsonSchema[] {
  const { anyOf, oneOf, ...schema } = resolveSchema(place);
  const among = anyOf ?? oneOf;
  if (Array.isArray(among))
    return among.flatMap((each) => plainOf({ schema: { ...schema, ...each }, root: place.root }));
  const types = typesOf(schema);
  return types.map((type) => ({
    ...schema,
    type,
    ...(Array.isArray(schema.enum) && { enum: schema.enum.filter((value) => fits(typeOf(value), type, types)) }),
  }));
}

function typesOf({ type, ...schema }: JsonSchema): Types {
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type;
  if ('const' in schema) return [typeOf(schema.const)];
  if (Array.isArray(schema.enum)) return [...new Set(schema.enum.map(typeOf))];
  return ['anything'];
}

const fits = (type: string, wanted: string, types: Types) => type === wanted || types.length === 1;

function typeOf(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : typeof value;
}

const kindOf = (type: unknown) => (type === 'integer' ? 'number' : String(type));

/** Names the fields with a single allowed value, which tell one object from another. */
function constants(schema: JsonSchema, { root }: SchemaPlace): string {
  const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>);
  const fixed = properties.flatMap(([name, each]) => {
    const { const: value } = resolveSchema({ schema: each, root });
    return value === undefined ? [] : `${name}=${value}`;
  });
  return fixed.join(', ') || properties.map(([name]) => name).join(', ');
}

function join(one: JsonSchema, other: JsonSchema): JsonSchema {
  const properties = (one.properties ?? {}) as Record<string, JsonSchema>;
  const more = (other.properties ?? {}) as Record<string, JsonSchema>;
  const shared = Object.entries(more).map(([name, schema]) => [name, { ...properties[name], ...schema }]);
  const required = [...((one.required ?? []) as string[]), ...((other.required ?? []) as string[])];
  // A value must fit both patterns. A single pattern stays a text, as in JSON Schema.
  const patterns = [one.pattern ?? [], other.pattern ?? []].flat();
  const pattern = patterns.length > 0 && { pattern: patterns };
  return { ...one, ...other, ...pattern, properties: { ...properties, ...Object.fromEntries(shared) }, required };
}

/** Finds the schema that a local JSON pointer (RFC 6901) points at. */
function pointed(root: unknown, pointer: string): JsonSchema {
  const keys = pointer.replace(/^#\/?/, '').split('/');
  const names = keys.map((key) => decodeURIComponent(key).replaceAll('~1', '/').replaceAll('~0', '~'));
  const found = names.reduce((value, name) => (value as JsonSchema | undefined)?.[name], root);
  if (found === undefined) throw new TypeError(`${pointer} points at nothing`);
  return found as JsonSchema;
}
