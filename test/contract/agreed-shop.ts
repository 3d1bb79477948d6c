import * as z from 'zod/mini';
import type { Agreement } from '../../contracts/wire/agreement.ts';
import { like } from './matchers.ts';

/** How much a shop states: all there is to state, or nothing that may be left out. */
export type Stated = 'everything' | 'nothing';

type JsonSchema = {
  type?: string | string[];
  anyOf?: JsonSchema[];
  enum?: string[];
  pattern?: string;
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema;
};

/** The agreed fields, each with an example and by its type. Derived from the agreement alone. */
export function agreedShop({ resource }: Agreement, stated: Stated): Record<string, unknown> {
  return fieldsOf(z.toJSONSchema(resource) as JsonSchema, stated);
}

function fieldsOf({ properties = {} }: JsonSchema, stated: Stated): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, matcherOf(schema, name, stated)]),
  );
}

function matcherOf(schema: JsonSchema, name: string, stated: Stated): unknown {
  const [type, ...others] = [schema.type ?? []].flat();
  const isNullable = others.includes('null') || schema.anyOf?.some((each) => each.type === 'null');
  if (isNullable && stated === 'nothing') return null;
  if (schema.anyOf) return matcherOf(schema.anyOf.find((each) => each.type !== 'null') ?? {}, name, stated);
  if (type === 'object') return fieldsOf(schema, stated);
  if (type === 'array') return stated === 'nothing' ? [] : like.each(matcherOf(schema.items ?? {}, name, stated));
  return scalar(schema, type, name);
}

function scalar(schema: JsonSchema, type: string | undefined, name: string): unknown {
  if (schema.enum) return like.regex(`^(${schema.enum.join('|')})$`, schema.enum[0] ?? '');
  if (schema.pattern) return like.regex(schema.pattern, name);
  if (type === 'string') return like.example(name);
  if (type === 'integer') return like.integer(6000);
  if (type === 'number') return like.number(37.5);
  if (type === 'boolean') return like.example(true);
  throw new TypeError(`no matcher for "${name}": a pact can't say ${JSON.stringify(schema)} yet`);
}
