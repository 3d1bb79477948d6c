import * as z from 'zod/mini';
import type { Vocabulary } from './vocabulary.ts';

/** A JSON Schema of draft 2020-12, as OpenAPI 3.1 and AsyncAPI 3 use it. */
export type JsonSchema = Record<string, unknown>;

/** Direction of a schema's values: sent (`input`, before defaults are filled in) or answered (`output`). */
export type Direction = 'input' | 'output';

/** Schemas of one document. Each named schema is written once, among the components, and referred to elsewhere. */
export type Schemas = {
  of(schema: z.core.$ZodType, direction: Direction): JsonSchema;
  components(): Record<string, JsonSchema>;
};

/** Collects the schemas of a document whose components have the prefix `place`: `#/components/schemas/`. */
export function createSchemas(place: string, vocabulary: Vocabulary): Schemas {
  const components = new Map<string, JsonSchema>();

  function keep(name: string, schema: JsonSchema): void {
    const known = components.get(name);
    if (known !== undefined && JSON.stringify(known) !== JSON.stringify(schema))
      throw new TypeError(`"${name}" names two schemas: name the sent one and the answered one differently`);
    components.set(name, schema);
  }

  return {
    of(schema, direction) {
      const { $defs, ...body } = relocate(jsonSchemaOf(schema, direction, vocabulary), place);
      for (const [name, component] of Object.entries($defs ?? {})) keep(name, component as JsonSchema);
      return body;
    },
    components: () => Object.fromEntries([...components].toSorted(([a], [b]) => (a < b ? -1 : 1))),
  };
}

/** Makes a schema that stands alone, with its named schemas under `$defs`. */
export function jsonSchemaOf(schema: z.core.$ZodType, direction: Direction, vocabulary: Vocabulary): JsonSchema {
  return z.toJSONSchema(schema, {
    io: direction,
    metadata: vocabulary,
    override({ zodSchema, jsonSchema }) {
      // Descriptions that the agreement's author gave with zod's describe().
      const said = z.globalRegistry.get(zodSchema)?.description;
      if (said !== undefined) jsonSchema.description ??= said;
      // The pattern spells out leap years in 300 characters; the format says the same.
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
      // -(2^53 - 1) is only a limit of JavaScript. 2^53 - 1 stays: larger values are refused.
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  }) as JsonSchema;
}

function relocate({ $schema: _, ...schema }: JsonSchema, place: string): JsonSchema {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${place}`));
}
