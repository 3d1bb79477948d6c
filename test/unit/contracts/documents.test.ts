import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, test } from 'vitest';
import { parts } from '../../../consumers/all.ts';
import { queryDocument } from '../../../consumers/query/document.ts';
import { VERSION } from '../../../contracts/documents/openapi.ts';
import { publisherDocument } from '../../../contracts/documents/shops/openapi-publisher.ts';
import { documentFiles, REFRESH } from '../../../localstack/release/documents.ts';
import { apiDocument, examplesOf } from '../../support/api-document.ts';
import { root, textOf } from '../../support/sources.ts';

const files = documentFiles();

describe('the derived documents', () => {
  test.each(files)('docs/api/$file is fresh', ({ file, text }) => {
    const committed = readdirSync(join(root, 'docs/api')).includes(file) ? textOf(`docs/api/${file}`) : null;
    // Not toBe: a difference of thousands of lines tells nobody what to do.
    expect(committed === text, `docs/api/${file} is stale; refresh it: ${REFRESH}`).toBe(true);
  });

  test('are all that docs/api holds', () => {
    const found = readdirSync(join(root, 'docs/api')).filter((name) => name !== 'README.md');
    expect(found.toSorted(), `remove what nothing derives any more, then ${REFRESH}`).toEqual(
      files.map(({ file }) => file).toSorted(),
    );
  });

  test('name the version of the package', () => {
    expect(VERSION).toBe(JSON.parse(textOf('package.json')).version);
  });
});

const openApis = [
  ['publisher', publisherDocument()],
  ...parts.map((part) => [part.consumer.agreement.name, queryDocument(part)] as const),
] as const;

describe.each(openApis)('the OpenAPI document of %s', (_, document) => {
  const api = apiDocument(document);

  test('is one by the schema of OpenAPI 3.1', async () => {
    const { valid, errors } = await new Validator().validate(structuredClone(document));
    expect(errors ?? []).toEqual([]);
    expect(valid).toBe(true);
  });

  test('gives examples that fit their own schemas', () => {
    const examples = examplesOf(api);
    const wrong = examples.flatMap(({ name, schema, value }) =>
      api.faults(schema, value).map((fault) => `${name}: ${fault}`),
    );
    expect(wrong).toEqual([]);
    expect(examples.length).toBeGreaterThan(10);
  });

  test('names each operation once, under a tag that is explained and a token that is known', () => {
    const names = api.operations.map(({ operation }) => operation.operationId);
    expect(new Set(names).size).toBe(names.length);
    const tags = document.tags.map(({ name }) => name);
    const tokens = Object.keys(document.components.securitySchemes ?? {});
    for (const { operation } of api.operations) {
      expect(tags).toContain(operation.tags[0]);
      for (const token of operation.security.flatMap(Object.keys)) expect(tokens).toContain(token);
    }
  });

  test('gives an example of every body that it asks for', () => {
    const bodies = api.operations.flatMap(({ operation: { operationId, requestBody } }) =>
      Object.values(requestBody?.content ?? {}).map(({ example }) => [operationId, typeof example]),
    );
    expect(bodies.filter(([, kind]) => kind !== 'object')).toEqual([]);
  });
});
