import { type Agreement, labelOf } from '../wire/agreement.ts';
import { FEED_LIMIT, FEED_WAIT, FeedAnswer, type FeedChange, FeedRequest } from '../wire/feed.ts';
import type { ProblemCode } from '../wire/problem.ts';
import {
  BATCH_LIMIT,
  BatchRequest,
  DigestAnswer,
  DigestRequest,
  entityTag,
  SourcePageQuery,
  sourceBodies,
} from '../wire/source-api.ts';
import type { Domain } from './domain.ts';
import { exampleEvent } from './example-event.ts';
import { type Operation, queryParameters } from './operation.ts';
import { pathParameters, sourceHeaders } from './parameters.ts';
import { codesOfStatus } from './problem-answers.ts';

const common: ProblemCode[] = [
  'unauthorized',
  'invalid-request',
  ...codesOfStatus(429),
  'internal-error',
  'unavailable',
];

/** Makes the operations of an agreement's source API, which only its consumer calls. */
export function sourceOperations(
  agreement: Agreement,
  { parameters, examples }: Pick<Domain, 'parameters' | 'examples'>,
): Operation[] {
  const { name, path } = agreement;
  const { single, batch, page } = sourceBodies(agreement);
  const label = labelOf(agreement);
  const called = label.replaceAll(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());
  const shop = examples.resources[label];
  const { id } = examples.notification;
  const { version } = exampleEvent;
  const one = { id, version, resource: shop };
  const two = [
    { status: 200, ...one },
    { status: 410, id: examples.closedId, version: 4 },
  ];
  const exampleOf = (example: unknown) => (shop === undefined ? {} : { example });
  const of = { tag: label, token: name };

  return [
    {
      ...of,
      operationId: `get${called}Shop`,
      method: 'get',
      path: `${path}/:id`,
      summary: `Read one shop with the fields agreed with ${name}.`,
      parameters: [...pathParameters('/:id', parameters), ...sourceHeaders(entityTag(agreement, version))],
      answers: [
        { status: 200, description: 'The shop.', schema: single, headers: ['ETag'], ...exampleOf(one) },
        { status: 304, description: 'The consumer has the newest version.', headers: ['ETag'] },
      ],
      problems: [...common, 'resource-not-found', 'resource-gone', 'behind'],
      tagged: ['resource-gone', 'behind'],
    },
    {
      ...of,
      operationId: `batch${called}Shops`,
      method: 'post',
      path: `${path}/batch`,
      summary: `Read up to ${BATCH_LIMIT} shops at once.`,
      description:
        'Each shop has an answer of its own, in the order of the request; a failed one does not affect the others. Shops of more than 2 MiB ' +
        'together are refused with 413: ask for fewer at once.',
      parameters: [],
      body: {
        schema: BatchRequest,
        example: { resources: [{ id, minVersion: version, have: 18 }, { id: examples.closedId }] },
      },
      answers: [{ status: 200, description: 'An answer per shop.', schema: batch, ...exampleOf({ resources: two }) }],
      problems: [...common, 'malformed-request', 'too-large', 'unsupported-media-type'],
    },
    {
      ...of,
      operationId: `list${called}Shops`,
      method: 'get',
      path,
      summary: 'Read all shops in pages, closed ones too.',
      parameters: queryParameters(SourcePageQuery, {
        after: 'The `next` of the previous page; leave it out for the first page.',
        limit: `Shops on a page, 1 to ${BATCH_LIMIT}; fewer where they have more than 2 MiB together.`,
      }),
      answers: [
        {
          status: 200,
          description: 'Shops in id order; `next` is null on the last page.',
          schema: page,
          ...exampleOf({ resources: two, next: null }),
        },
      ],
      problems: common,
    },
    {
      ...of,
      operationId: `digest${called}Shops`,
      method: 'post',
      path: `${path}/digests`,
      summary: 'Compare versions, bucket by bucket.',
      description:
        'A bucket is named by the first hex digits of SHA-256 over a shop id. The answer has its children, each with the count and ' +
        'the XOR of the hashes of its (id, version) pairs, or by its shops where they are few. Closed shops count.',
      parameters: [],
      body: { schema: DigestRequest, example: { prefixes: [''] } },
      answers: [
        {
          status: 200,
          description: 'A bucket for each prefix, in order.',
          schema: DigestAnswer,
          example: { digests: [{ prefix: '', resources: [{ id, version }] }] },
        },
      ],
      problems: [...common, 'malformed-request', 'too-large', 'unsupported-media-type'],
    },
    followOperation(of, { called, path, example: { id, type: examples.notification.type, version, gone: false } }),
  ];
}

type Following = { called: string; path: string; example: FeedChange };

const cursor = 'nc.0198d3a2b1c47e0f8a6b5c4d3e2f1a0b';

function followOperation(of: Pick<Operation, 'tag' | 'token'>, { called, path, example }: Following): Operation {
  return {
    ...of,
    operationId: `follow${called}Shops`,
    method: 'post',
    path: `${path}/changes`,
    summary: 'Follow the changes, by id only.',
    description:
      `Changes after a cursor, in the order of the change log: those of the agreement's types, and those by which a shop closed. ` +
      ' Without `after` the answer has no changes and the cursor of the end. `wait` holds the request until there is a change, ' +
      `at most ${FEED_WAIT} ms; the answer may come sooner. feed-expired: the log no longer has the changes after the cursor. ` +
      'feed-replaced: the cursor is of another log, as after a restore. After either, read all pages and then the feed.',
    parameters: [],
    body: { schema: FeedRequest, example: { after: cursor, limit: FEED_LIMIT, wait: 20_000 } },
    answers: [
      {
        status: 200,
        description: 'Changes, the cursor after them, and the cursor of the newest change.',
        schema: FeedAnswer,
        example: {
          changes: [example],
          next: cursor,
          head: cursor,
        },
      },
    ],
    problems: [...common, 'malformed-request', 'too-large', 'unsupported-media-type', 'feed-expired', 'feed-replaced'],
  };
}
