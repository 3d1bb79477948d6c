import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import type { OpenApiDocument, OperationObject, ResponseObject } from '../../contracts/documents/openapi.ts';

type Pointed = { $ref: string } | Record<string, unknown>;

/** An OpenAPI document that can be asked whether a value fits. */
export function apiDocument(document: OpenApiDocument) {
  // Not strict: a document has keywords of OpenAPI's own beside its schemas.
  const ajv = new Ajv2020({ strict: false, allErrors: true, validateSchema: false });
  addFormats.default(ajv);
  ajv.addSchema(document, 'document');

  /** Why a value doesn't fit the schema at these keys; empty if it does. */
  function faults(keys: readonly (string | number)[], value: unknown): string[] {
    const pointer = keys.map((key) => String(key).replaceAll('~', '~0').replaceAll('/', '~1'));
    const validate = ajv.getSchema(`document#/${pointer.map(encodeURIComponent).join('/')}`) as ValidateFunction;
    if (validate(value)) return [];
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  }

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ method, path, operation })),
  );

  /** The keys under which the answer of an operation with a status stands, its `$ref` followed. */
  function answerAt(method: string, path: string, status: number): string[] | null {
    const keys = ['paths', path, method, 'responses', String(status)];
    const answer = at(document, keys) as Pointed | undefined;
    if (answer === undefined) return null;
    return typeof answer.$ref === 'string' ? answer.$ref.replace('#/', '').split('/') : keys;
  }

  return { document, operations, faults, answerAt, at: (keys: readonly string[]) => at(document, keys) };
}

/** The values that a document shows as examples, each with the keys of the schema it must fit. */
export function examplesOf({ document, operations, at: find }: ReturnType<typeof apiDocument>) {
  type Example = { name: string; schema: string[]; value: unknown };
  const contents = (name: string, keys: string[], holder: { content?: ResponseObject['content'] }): Example[] =>
    Object.entries(holder.content ?? {}).flatMap(([media, { example, examples = {} }]) => {
      const schema = [...keys, 'content', media, 'schema'];
      const named = Object.values(examples).map((each) => find(String(each.$ref).replace('#/', '').split('/')));
      const values = [...(example === undefined ? [] : [example]), ...named.map((each) => (each as Named).value)];
      return values.map((value) => ({ name, schema, value }));
    });
  const ofOperation = ({ method, path, operation }: { method: string; path: string; operation: OperationObject }) => {
    const keys = ['paths', path, method];
    const { operationId, requestBody, responses, parameters = [] } = operation;
    return [
      ...parameters.flatMap(({ example }, n) =>
        example === undefined
          ? []
          : { name: operationId, schema: [...keys, 'parameters', String(n), 'schema'], value: example },
      ),
      ...(requestBody === undefined ? [] : contents(operationId, [...keys, 'requestBody'], requestBody)),
      ...Object.entries(responses).flatMap(([status, answer]) =>
        '$ref' in answer ? [] : contents(`${operationId} ${status}`, [...keys, 'responses', status], answer),
      ),
    ];
  };
  const refusals = Object.entries(document.components.responses).flatMap(([name, answer]) =>
    contents(name, ['components', 'responses', name], answer),
  );
  return [...operations.flatMap(ofOperation), ...schemaExamples(document, []), ...refusals];
}

type Named = { value: unknown };

/** What schemas show of themselves, wherever in the document they stand. */
function schemaExamples(value: unknown, keys: string[]): { name: string; schema: string[]; value: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = 'examples' in value && Array.isArray(value.examples) ? value.examples : [];
  const name = keys.at(-1) ?? '';
  return [
    ...own.map((each) => ({ name, schema: keys, value: each })),
    ...Object.entries(value).flatMap(([key, each]) => schemaExamples(each, [...keys, key])),
  ];
}

function at(document: unknown, keys: readonly string[]): unknown {
  return keys.reduce((value, key) => (value as Record<string, unknown> | undefined)?.[key], document);
}
