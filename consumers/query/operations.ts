import * as z from 'zod/mini';
import { examples } from '../../contracts/documents/examples.ts';
import type { Answer, Operation } from '../../contracts/documents/operation.ts';
import { ifNoneMatch, pathParameters } from '../../contracts/documents/parameters.ts';
import type { ProblemCode } from '../../contracts/wire/problem.ts';
import { ResourceId, Version } from '../../contracts/wire/resource.ts';
import type { Consumer } from '../runtime/define-consumer.ts';

/** Problem codes of any query. */
export const queryProblems: readonly ProblemCode[] = ['invalid-request', 'internal-error'];

/** An operation that reads one view: by a path whose one parameter is the resource. */
export function oneView(
  operation: Pick<Operation, 'operationId' | 'path' | 'summary'>,
  answer: Pick<Answer, 'schema' | 'example'>,
): Operation {
  return {
    ...operation,
    method: 'get',
    tag: 'queries',
    token: null,
    parameters: [...pathParameters(operation.path), ifNoneMatch(`"${examples.version}"`)],
    answers: [
      { status: 200, description: 'The view, as new as the consumer has it.', headers: ['ETag'], ...answer },
      { status: 304, description: 'The client has this version already.', headers: ['ETag'] },
    ],
    problems: [...queryProblems, 'resource-not-found', 'resource-gone'],
  };
}

/** Answer of a consumer that says nothing of queries: `GET /shops/{id}`, the view as it is kept. */
export function viewOperations({ view }: Pick<Consumer, 'view'>): readonly Operation[] {
  const fields = view instanceof z.core.$ZodObject ? (view as z.core.$ZodObject)._zod.def.shape : {};
  const schema = z.object({ id: ResourceId, version: Version, ...fields });
  return [oneView({ operationId: 'getShop', path: '/shops/:id', summary: 'Read one view.' }, { schema })];
}

const health = (status: string) => z.object({ status: z.literal(status), reason: z.string() });
const free = { method: 'get', tag: 'service', token: null, parameters: [], problems: [] } as const;

/** Operations of every consumer beside its queries. */
export const consumerOperations: readonly Operation[] = [
  {
    ...free,
    operationId: 'getHealth',
    path: '/healthz',
    summary: 'Say whether the consumer gets on with its work.',
    answers: [
      {
        status: 200,
        description: 'It does, or it waits for its source to come back.',
        schema: z.union([health('ok'), health('waiting')]),
        example: { status: 'ok', reason: '' },
      },
      {
        status: 503,
        description: 'It does not, and why.',
        schema: health('failing'),
        example: { status: 'failing', reason: 'nothing was received for 90 s' },
      },
    ],
  },
  {
    ...free,
    operationId: 'getMetrics',
    path: '/metrics',
    summary: 'Count what was received, looked at and put away, for Prometheus.',
    answers: [
      {
        status: 200,
        description: 'The text format of Prometheus.',
        media: 'text/plain',
        schema: z.string(),
        example: `doorbell_received_total{consumer="display"} ${examples.version}\n`,
      },
    ],
  },
];
