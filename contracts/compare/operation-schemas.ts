import type { JsonSchema } from '../documents/json-schema.ts';
import type { Content, OpenApiDocument, OperationObject, ResponseObject } from '../documents/openapi.ts';

type Fields = readonly (readonly [name: string, schema: JsonSchema])[];

const PROBLEM = 'application/problem+json';

/** Makes one object schema of all parts of a request: `path 0`, `query limit`, `header If-Match`, `body`. */
export function requestSchema({ parameters = [], requestBody }: OperationObject): JsonSchema {
  const inPath = parameters.filter((each) => each.in === 'path');
  // Path parameters are matched by position: their names do not matter.
  const nameOf = (each: (typeof parameters)[number]) =>
    each.in === 'path' ? `path ${inPath.indexOf(each)}` : `${each.in} ${each.name}`;
  const fields: Fields = parameters.map((each) => [nameOf(each), each.schema]);
  const required = parameters.filter((each) => each.required).map(nameOf);
  if (requestBody === undefined) return objectOf(fields, required);
  const body = bodies('body', requestBody.content);
  return objectOf([...fields, ...body], [...required, ...(requestBody.required ? body.map(([name]) => name) : [])]);
}

/**
 * Makes one object schema of all parts of an answer: `200`, `200 body`, `200 header ETag`, and of refusals `503 header
 * Retry-After`.
 */
export function answerSchema({ responses }: OperationObject, document: OpenApiDocument): JsonSchema {
  const fields = Object.entries(responses).flatMap(([status, response]): Fields => {
    const { headers = {}, content = {} } = answerOf(response, document);
    const named = Object.entries(headers).map(
      ([name, header]) => [`${status} header ${name}`, headerSchema(header, document)] as const,
    );
    // Refusals are compared by their codes, and their form once for all.
    return PROBLEM in content ? named : [[status, {}], ...bodies(`${status} body`, content), ...named];
  });
  return objectOf(
    fields,
    fields.map(([name]) => name),
  );
}

/** Lists the codes of an operation's refusals. */
export function problemCodes({ responses }: OperationObject, document: OpenApiDocument): string[] {
  return Object.values(responses).flatMap((response) => {
    const { allOf = [] } = (answerOf(response, document).content?.[PROBLEM]?.schema ?? {}) as { allOf?: JsonSchema[] };
    return allOf.flatMap(
      ({ properties }) => (properties as { code?: { enum?: string[] } } | undefined)?.code?.enum ?? [],
    );
  });
}

function bodies(name: string, content: Content): Fields {
  return Object.entries(content).map(([media, { schema }]) => {
    return [media === 'application/json' ? name : `${name} as ${media}`, schema] as const;
  });
}

/** Returns a header's schema, from the operation or from the components. */
function headerSchema(header: unknown, { components }: OpenApiDocument): JsonSchema {
  const { $ref, schema } = header as { $ref?: string; schema?: JsonSchema };
  if ($ref === undefined) return schema ?? {};
  const shared = (components as { headers?: Record<string, { schema?: JsonSchema }> }).headers;
  return shared?.[$ref.split('/').at(-1) ?? '']?.schema ?? {};
}

function answerOf(response: ResponseObject | { $ref: string }, { components }: OpenApiDocument): ResponseObject {
  if (!('$ref' in response)) return response;
  const name = response.$ref.split('/').at(-1) ?? '';
  return components.responses[name] ?? { description: '' };
}

const objectOf = (fields: Fields, required: string[]): JsonSchema => {
  return { type: 'object', properties: Object.fromEntries(fields), required };
};
