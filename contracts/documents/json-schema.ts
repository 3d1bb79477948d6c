import * as z from 'zod/mini';
import { vocabulary } from './vocabulary.ts';

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 and AsyncAPI 3 take it. */
export type JsonSchema = Record<string, unknown>;

/** Tells whether a schema stands for what is sent (`input`, before defaults are filled in) or for what is answered (`output`). */
export type Direction = 'input' | 'output';

/** Schemas of one document: each named one once, among the components; whoever uses it refers to it. */
export type Schemas = {
  of(schema: z.core.$ZodType, direction: Direction): JsonSchema;
  components(): Record<string, JsonSchema>;
};

/** Collects the schemas of a document whose components stand under `place`: `#/components/schemas/`. */
export function createSchemas(place: string): Schemas {
  const components = new Map<string, JsonSchema>();

  function keep(name: string, schema: JsonSchema): void {
    const known = components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new TypeError(`"${name}" is two schemas: give what is sent and what is answered a name each`);
    components.set(name, schema);
  }

  return {
    of(schema, direction) {
      const { $defs, ...body } = relocate(jsonSchemaOf(schema, direction), place);
      for (const [name, component] of Object.entries($defs ?? {})) keep(name, component as JsonSchema);
      return body;
    },
    components: () => Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** A schema on its own, with what it names under `$defs`. */
export function jsonSchemaOf(schema: z.core.$ZodType, direction: Direction): JsonSchema {
  return z.toJSONSchema(schema, {
    io: direction,
    metadata: vocabulary,
    override({ zodSchema, jsonSchema }) {
      // The words of an agreement's own author, said with zod's describe().
      const said = z.globalRegistry.get(zodSchema)?.description;
      if (said !== undefined) jsonSchema.description ??= said;
      // Leap years in 300 characters; the format says it.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      // -(2^53 - 1) is a limit of JavaScript; 2^53 - 1 is one, too, and what is above it is refused.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  }) as JsonSchema;
}

function relocate({ $schema: _, ...schema }: JsonSchema, place: string): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${place}`));
}
