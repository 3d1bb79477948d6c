import * as z from 'zod/mini';
import type { JsonSchema } from '../documents/json-schema.ts';
import type { Schema } from '../wire/agreement.ts';

/**
 * Makes a JSON Schema of an agreement's shop, without descriptions. An object refuses unknown fields only where a
 * consumer would refuse them (`z.strictObject`); an ordinary object drops them. Pure.
 */
export function agreedSchema(resource: Schema): JsonSchema {
  const { $schema: _, ...schema } = z.toJSONSchema(resource, {
    io: 'output',
    metadata: z.registry(),
    override({ zodSchema, jsonSchema }) {
      const { def } = zodSchema._zod;
      if (def.type === 'object' && (def as z.core.$ZodObjectDef).catchall === undefined)
        delete jsonSchema.additionalProperties;
    },
  });
  return schema;
}
