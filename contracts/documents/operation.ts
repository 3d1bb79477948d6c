import type * as z from 'zod/mini';
import type { ProblemCode } from '../wire/problem.ts';

type Schema = z.core.$ZodType;

/** A value of a request outside its body. */
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
};

/** Headers that an answer may have; `openapi.ts` describes them. */
export type HeaderName = 'ETag' | 'Location' | 'Retry-After' | 'WWW-Authenticate';

/** An answer that is no problem. Without a schema it has no body. */
export type Answer = {
  readonly status: number;
  readonly description: string;
  readonly schema?: Schema;
  readonly example?: unknown;
  /** Media type; `application/json` by default. */
  readonly media?: string;
  readonly headers?: readonly HeaderName[];
};

/** One operation of an API, with the problem codes of its domain. Documents and pages derive all of it from this entry. */
export type Operation<Code extends string = ProblemCode> = {
  /** Unique within its document. */
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Path in Hono's form, as in the route: `/shops/:shopId`. */
  readonly path: string;
  /** The name of one of the document's tags. */
  readonly tag: string;
  /** One sentence. */
  readonly summary: string;
  readonly description?: string;
  /** Name of the required token; `null` where none is required. */
  readonly token: string | null;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly schema: Schema; readonly example: unknown };
  readonly answers: readonly Answer[];
  /** Codes of all its refusals. */
  readonly problems: readonly Code[];
  /** Codes of refusals that carry the current version as ETag. */
  readonly tagged?: readonly Code[];
};

/** Descriptions of a query's parameters, and examples where they help: one entry per key, so that none is missing. */
export type Described<Shape> = { readonly [Key in keyof Shape]: string | { description: string; example: unknown } };

/** Makes the parameters of a query from its schema. */
export function queryParameters<Shape extends Record<string, Schema>>(
  query: { readonly shape: Shape },
  described: Described<Shape>,
): Parameter[] {
  return Object.entries(query.shape).map(([name, schema]): Parameter => {
    const said = described[name as keyof Shape] as string | { description: string; example: unknown };
    return { name, in: 'query', schema, ...(typeof said === 'string' ? { description: said } : said) };
  });
}
