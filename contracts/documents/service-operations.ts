import * as z from 'zod/mini';
import { codesOf, type ProblemTable, problems } from '../wire/problem.ts';
import type { Operation } from './operation.ts';
import { inPath } from './parameters.ts';
import { codesOfStatus } from './problem-answers.ts';

const explained = 'resource-not-found';

const free = { tag: 'service', token: null, parameters: [] } as const;

/** Makes the operation `GET /problems/{code}`, by which every API explains its problems. */
export const explainProblemOperation = (table: ProblemTable): Operation => ({
  ...free,
  operationId: 'explainProblem',
  method: 'get',
  path: '/problems/:code',
  summary: 'Explain a problem: the address in the `type` of a problem document.',
  parameters: [inPath('code', 'The code of a problem.', z.string(), explained)],
  answers: [
    {
      status: 200,
      description: 'Whether the same request can succeed later, and what the code means.',
      schema: z.strictObject({
        code: z.enum(codesOf(table)),
        status: z.int(),
        retryable: z.boolean(),
        title: z.string(),
      }),
      example: { code: explained, ...problems[explained] },
    },
  ],
  problems: ['not-found'],
});

/** Makes the operations of the publisher's health, metrics and documents. */
export const serviceOperations = (table: ProblemTable): readonly Operation[] => [
  {
    ...free,
    operationId: 'getHealth',
    method: 'get',
    path: '/healthz',
    summary: 'Report whether the publisher and its database answer.',
    answers: [
      {
        status: 200,
        description: 'They do.',
        schema: z.strictObject({ status: z.literal('ok') }),
        example: { status: 'ok' },
      },
    ],
    problems: ['internal-error', 'unavailable'],
  },
  {
    tag: 'service',
    token: 'operator',
    parameters: [],
    operationId: 'getMetrics',
    method: 'get',
    path: '/metrics',
    summary: 'Read the metrics of the relay, for Prometheus.',
    answers: [{ status: 200, description: 'Prometheus text format 0.0.4.', media: 'text/plain', schema: z.string() }],
    problems: ['unauthorized', ...codesOfStatus(429)],
  },
  explainProblemOperation(table),
  {
    ...free,
    operationId: 'getDocument',
    method: 'get',
    path: '/openapi.json',
    summary: 'Read this document.',
    answers: [{ status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({ openapi: z.string() }) }],
    problems: [],
  },
  {
    ...free,
    operationId: 'getPage',
    method: 'get',
    path: '/docs',
    summary: 'Read this document as a page.',
    answers: [{ status: 200, description: 'A page without scripts.', media: 'text/html', schema: z.string() }],
    problems: [],
  },
];
