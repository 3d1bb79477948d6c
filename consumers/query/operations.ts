import * as z from 'zod/mini';
import { anyDomain, type Domain } from '../../contracts/documents/domain.ts';
import { exampleEvent } from '../../contracts/documents/example-event.ts';
import type { Answer, Operation, Parameter } from '../../contracts/documents/operation.ts';
import { ifNoneMatch, minVersionOfViews, pathParameters } from '../../contracts/documents/parameters.ts';
import type { ProblemCode } from '../../contracts/wire/problem.ts';
import { ResourceId, Version } from '../../contracts/wire/resource.ts';
import type { Consumer } from '../runtime/define-consumer.ts';

/** Problem codes of any query. */
export const queryProblems: readonly ProblemCode[] = ['invalid-request', 'internal-error', 'behind'];

/** An entity tag as query APIs make it: of the content. */
const CONTENT_TAG = '"2jmj7l5rSw0yVb_vlWAYkK"';

/** Headers of a query for several views: the answer that the client has, and the versions that it needs. */
export const listHeaders: readonly Parameter[] = [ifNoneMatch(CONTENT_TAG), minVersionOfViews];

/** The answer to a client that has the same content already. */
export const notModified: Answer = {
  status: 304,
  description: 'The client has this content already.',
  headers: ['ETag'],
};

/** Makes an operation that reads one view; its path has one parameter, the resource. */
export function oneView(
  operation: Pick<Operation, 'operationId' | 'path' | 'summary'>,
  answer: Pick<Answer, 'schema' | 'example'>,
  { parameters }: Pick<Domain, 'parameters'> = anyDomain,
): Operation {
  return {
    ...operation,
    method: 'get',
    tag: 'queries',
    token: null,
    parameters: [...pathParameters(operation.path, parameters), ifNoneMatch(CONTENT_TAG), minVersionOfViews],
    answers: [
      {
        status: 200,
        description: 'The view in the newest version that the consumer has.',
        headers: ['ETag'],
        ...answer,
      },
      notModified,
    ],
    problems: [...queryProblems, 'resource-not-found', 'resource-gone'],
  };
}

/** Lists the operations of a consumer without queries of its own: `GET /shops/{id}`, the view as it is stored. */
export function viewOperations({ view }: Pick<Consumer, 'view'>): readonly Operation[] {
  const fields = view instanceof z.core.$ZodObject ? (view as z.core.$ZodObject)._zod.def.shape : {};
  const schema = z.object({ id: ResourceId, version: Version, ...fields });
  return [oneView({ operationId: 'getShop', path: '/shops/:id', summary: 'Read one view.' }, { schema })];
}

const health = (status: string) => z.object({ status: z.literal(status), reason: z.string() });
const free = { method: 'get', tag: 'service', token: null, parameters: [], problems: [] } as const;

const share = z.number().check(z.minimum(0), z.maximum(1));
const Visible = z.nullable(z.object({ changes: z.int(), within: z.object({ 1: share, 10: share, 60: share }) }));
const lately = { changes: 940, within: { 1: 0.998, 10: 1, 60: 1 } };
const Freshness = z.object({
  behind: z.nullable(z.object({ changes: z.int(), seconds: z.number(), more: z.boolean() })),
  checkedSecondsAgo: z.nullable(z.number()),
  visible: z.object({ '5m': Visible, '1h': Visible, '1d': Visible }),
});

/** Operations that every consumer has beside its queries. */
export const consumerOperations: readonly Operation[] = [
  {
    ...free,
    operationId: 'getHealth',
    path: '/healthz',
    summary: 'Report whether the consumer can do its work.',
    answers: [
      {
        status: 200,
        description: 'The consumer works, or waits for its source to come back.',
        schema: z.union([health('ok'), health('waiting')]),
        example: { status: 'ok', reason: '' },
      },
      {
        status: 503,
        description: 'The consumer cannot do its work; `reason` says why.',
        schema: health('failing'),
        example: { status: 'failing', reason: 'nothing was received for 90 s' },
      },
    ],
  },
  {
    ...free,
    operationId: 'getReadiness',
    path: '/readyz',
    summary: 'Report whether the views show all that the source has.',
    description: 'A new consumer is ready when it has read all pages of its source once.',
    answers: [
      {
        status: 200,
        description: 'The views were filled, and the consumer works.',
        schema: health('ready'),
        example: { status: 'ready', reason: '' },
      },
      {
        status: 503,
        description: 'Not ready; `reason` says why.',
        schema: health('not ready'),
        example: {
          status: 'not ready',
          reason: 'the views are being filled: 300 resources were read from the source',
        },
      },
    ],
  },
  {
    ...free,
    operationId: 'getFreshness',
    path: '/freshness',
    summary: 'Report how far the views are behind their source.',
    answers: [
      {
        status: 200,
        description: 'Null stands for what is not known: the feed was not read to its end in this time.',
        schema: Freshness,
        example: {
          behind: { changes: 0, seconds: 0, more: false },
          checkedSecondsAgo: 12.4,
          visible: { '5m': lately, '1h': lately, '1d': null },
        },
      },
    ],
  },
  {
    ...free,
    operationId: 'getMetrics',
    path: '/metrics',
    summary: 'Read metrics of received, refreshed and buried messages, for Prometheus.',
    answers: [
      {
        status: 200,
        description: 'Metrics in the text format of Prometheus.',
        media: 'text/plain',
        schema: z.string(),
        example: `doorbell_received_total{consumer="display"} ${exampleEvent.version}\n`,
      },
    ],
  },
];
