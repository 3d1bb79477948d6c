import type * as z from 'zod/mini';
import type { ProblemCode } from '../wire/problem.ts';

type Schema = z.core.$ZodType;

/** A value of a request beside its body. */
export type Parameter = {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly description: string;
  readonly schema: Schema;
  readonly example?: unknown;
};

/** Headers an answer may have; `openapi.ts` says what they mean. */
export type HeaderName = 'ETag' | 'Location' | 'Retry-After' | 'WWW-Authenticate';

/** One answer that is no problem. Without a schema it has no body. */
export type Answer = {
  readonly status: number;
  readonly description: string;
  readonly schema?: Schema;
  readonly example?: unknown;
  /** `application/json` where nothing is said. */
  readonly media?: string;
  readonly headers?: readonly HeaderName[];
};

/** One operation of an API. All that documents and pages say of it is derived from this entry. */
export type Operation = {
  /** Unique within its document. */
  readonly operationId: string;
  readonly method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** Hono path, as the route has it: `/shops/:shopId`. */
  readonly path: string;
  /** The name of one of the document's tags. */
  readonly tag: string;
  /** One sentence. */
  readonly summary: string;
  readonly description?: string;
  /** The name of the token that is needed; `null` where none is. */
  readonly token: string | null;
  readonly parameters: readonly Parameter[];
  readonly body?: { readonly schema: Schema; readonly example: unknown };
  readonly answers: readonly Answer[];
  /** Every way it says no. */
  readonly problems: readonly ProblemCode[];
  /** Those of them that come with the version that is there, as ETag. */
  readonly tagged?: readonly ProblemCode[];
};

/** Descriptions of a query's parameters, and examples where they help: one entry per key, so that none is forgotten. */
export type Described<Shape> = { readonly [Key in keyof Shape]: string | { description: string; example: unknown } };

/** The parameters that a query schema checks. */
export function queryParameters<Shape extends Record<string, Schema>>(
  query: { readonly shape: Shape },
  described: Described<Shape>,
): Parameter[] {
  return Object.entries(query.shape).map(([name, schema]): Parameter => {
    const said = described[name as keyof Shape] as string | { description: string; example: unknown };
    return { name, in: 'query', schema, ...(typeof said === 'string' ? { description: said } : said) };
  });
}
