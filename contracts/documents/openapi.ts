import { codesOf, type ProblemTable } from '../wire/problem.ts';
import type { Domain } from './domain.ts';
import { createSchemas, type JsonSchema, type Schemas } from './json-schema.ts';
import type { Answer, HeaderName, Operation, Parameter } from './operation.ts';
import { problemDocument, problemExamples, type Refusal, refusalSchema, refusalsOf } from './problem-answers.ts';
import { createVocabulary } from './vocabulary.ts';

/** Title, texts and tokens of an API, beside its operations. */
export type ApiDescription<Code extends string> = {
  readonly domain: Pick<Domain<Code>, 'words' | 'problems' | 'stories'>;
  readonly title: string;
  readonly description: string;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  /** Tokens that operations name, and what each is valid for. */
  readonly tokens: Readonly<Record<string, string>>;
  readonly operations: readonly Operation<Code>[];
};

/** A media type's part of a document. */
export type Content = Record<string, { schema: JsonSchema; example?: unknown; examples?: Record<string, JsonSchema> }>;

/** An operation in the form of a document. */
export type OperationObject = {
  operationId: string;
  tags: string[];
  summary: string;
  description?: string;
  security: Record<string, string[]>[];
  parameters?: {
    name: string;
    in: string;
    required: boolean;
    description: string;
    schema: JsonSchema;
    example?: unknown;
  }[];
  requestBody?: { required: boolean; content: Content };
  responses: Record<string, ResponseObject | { $ref: string }>;
};

/** An answer in the form of a document. */
export type ResponseObject = { description: string; headers?: Record<string, JsonSchema>; content?: Content };

/** An OpenAPI 3.1 document. */
export type OpenApiDocument = {
  openapi: string;
  info: Record<string, unknown> & { title: string; version: string; description: string };
  servers: { url: string; description: string }[];
  tags: { name: string; description: string }[];
  paths: Record<string, Record<string, OperationObject>>;
  components: Record<string, Record<string, JsonSchema>> & { responses: Record<string, ResponseObject> };
};

/** The version of Doorbell that the documents describe; a test compares it with `package.json`. */
export const VERSION = '0.1.0';

/** Makes the OpenAPI 3.1 document of an API from its operations. Pure. */
export function openApi<Code extends string>(api: ApiDescription<Code>): OpenApiDocument {
  const { domain, title, description, tags, tokens, operations } = api;
  const { problems } = domain;
  const problem = problemDocument(codesOf(problems));
  const schemas = createSchemas('#/components/schemas/', createVocabulary(problem.words, domain.words));
  const paths: OpenApiDocument['paths'] = {};
  for (const operation of operations) {
    const path = operation.path.replaceAll(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [operation.method]: operationObject(operation, schemas, problems) };
  }
  const refusals = operations.flatMap((operation) => refusalsOf(operation, problems));
  const codes = new Set(operations.flatMap((operation) => operation.problems));
  const used = [...new Set(operations.flatMap((operation) => headersOf(operation, problems)))].toSorted();
  const securitySchemes = Object.fromEntries(
    Object.entries(tokens).map(([name, good]) => [name, { type: 'http', scheme: 'bearer', description: good }]),
  );
  return {
    openapi: '3.1.1',
    info: { title, version: VERSION, description, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: '/', description: 'The service that answers with this document.' }],
    tags: [...tags],
    paths,
    components: {
      responses: Object.fromEntries(
        refusals.map((refusal) => [refusalName(refusal), refusalObject(refusal, schemas.of(problem.schema, 'output'))]),
      ),
      schemas: schemas.components(),
      headers: Object.fromEntries(used.map((name) => [name, headers[name]])),
      examples: problemExamples(codes, domain),
      ...(Object.keys(tokens).length > 0 && { securitySchemes }),
    },
  };
}

const headers: Record<HeaderName, JsonSchema> = {
  ETag: {
    description:
      'The version as an entity tag. If-Match takes the tag of a shop, If-None-Match the tag of an agreement.',
    schema: { type: 'string', examples: ['"19"'] },
  },
  Location: { description: 'Address of the new shop.', schema: { type: 'string', format: 'uri-reference' } },
  'Retry-After': { description: 'Seconds to wait before trying again.', schema: { type: 'integer', minimum: 0 } },
  'WWW-Authenticate': { description: 'The required scheme.', schema: { type: 'string', examples: ['Bearer'] } },
};

function operationObject<Code extends string>(
  operation: Operation<Code>,
  schemas: Schemas,
  problems: ProblemTable<Code>,
): OperationObject {
  const { operationId, tag, summary, description, token, parameters, body, answers } = operation;
  const responses = Object.fromEntries([
    ...answers.map((answer) => [answer.status, answerObject(answer, schemas)]),
    ...refusalsOf(operation, problems).map((refusal) => [
      refusal.status,
      { $ref: `#/components/responses/${refusalName(refusal)}` },
    ]),
  ]);
  return {
    operationId,
    tags: [tag],
    summary,
    ...(description !== undefined && { description }),
    security: token === null ? [] : [{ [token]: [] }],
    ...(parameters.length > 0 && { parameters: parameters.map((each) => parameterObject(each, schemas)) }),
    ...(body !== undefined && {
      requestBody: { required: true, content: json(schemas.of(body.schema, 'input'), body.example) },
    }),
    responses,
  };
}

function parameterObject({ name, in: place, description, schema, example }: Parameter, schemas: Schemas) {
  return {
    name,
    in: place,
    required: place === 'path',
    description,
    schema: schemas.of(schema, 'input'),
    ...(example !== undefined && { example }),
  };
}

function answerObject({ description, schema, example, media, headers = [] }: Answer, schemas: Schemas) {
  return {
    description,
    ...(headers.length > 0 && { headers: headerRefs(headers) }),
    ...(schema !== undefined && { content: json(schemas.of(schema, 'output'), example, media) }),
  };
}

function refusalObject(refusal: Refusal, problemSchema: JsonSchema) {
  const { codes, headers } = refusal;
  const schema = refusalSchema(refusal, problemSchema);
  const examples = Object.fromEntries(codes.map((code) => [code, { $ref: `#/components/examples/${code}` }]));
  return {
    description: `A problem document: ${codes.map((code) => `\`${code}\``).join(', ')}.`,
    ...(headers.length > 0 && { headers: headerRefs(headers) }),
    content: { 'application/problem+json': { schema, examples } },
  };
}

/** Names a refusal, so that operations with the same refusal share a response. */
const refusalName = ({ codes }: Refusal) => codes.join('.or.');

function json(schema: JsonSchema, example: unknown, media = 'application/json'): Content {
  return { [media]: { schema, ...(example !== undefined && { example }) } };
}

const headerRefs = (names: readonly HeaderName[]) =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

function headersOf<Code extends string>(operation: Operation<Code>, problems: ProblemTable<Code>): HeaderName[] {
  return [...operation.answers, ...refusalsOf(operation, problems)].flatMap(({ headers = [] }) => headers);
}
