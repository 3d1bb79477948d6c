import { type Agreement, labelOf } from '../wire/agreement.ts';
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
import { examples } from './examples.ts';
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

/** The shop of the examples as an agreement shows it; by its label: one that isn't here has documents without it. */
const shops: Record<string, unknown> = { display: examples.displayShop, ad: examples.adShop };

/** The source API of an agreement: what its consumer calls, and nobody else. */
export function sourceOperations(agreement: Agreement): Operation[] {
  const { name, path } = agreement;
  const { single, batch, page } = sourceBodies(agreement);
  const label = labelOf(agreement);
  const called = label.replaceAll(/(^|-)(.)/g, (_, __, letter: string) => letter.toUpperCase());
  const shop = shops[label];
  const one = { id: examples.shopId, version: 19, resource: shop };
  const two = [
    { status: 200, ...one },
    { status: 410, id: 'shop_1f0c2ab3d4e5f607', version: 4 },
  ];
  const exampleOf = (example: unknown) => (shop === undefined ? {} : { example });
  const of = { tag: label, token: name };

  return [
    {
      ...of,
      operationId: `get${called}Shop`,
      method: 'get',
      path: `${path}/:id`,
      summary: `Look at one shop as ${name} agreed to see it.`,
      parameters: [...pathParameters('/:id'), ...sourceHeaders(entityTag(agreement, 19))],
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
      summary: `Look at up to ${BATCH_LIMIT} shops at once.`,
      description:
        'Each shop has an answer of its own, in the order of the request; one that fails harms no other. Shops of more than 2 MiB ' +
        'together are refused with 413: ask for fewer at once.',
      parameters: [],
      body: {
        schema: BatchRequest,
        example: { resources: [{ id: examples.shopId, minVersion: 19, have: 18 }, { id: 'shop_1f0c2ab3d4e5f607' }] },
      },
      answers: [{ status: 200, description: 'An answer per shop.', schema: batch, ...exampleOf({ resources: two }) }],
      problems: [...common, 'malformed-request', 'too-large', 'unsupported-media-type'],
    },
    {
      ...of,
      operationId: `list${called}Shops`,
      method: 'get',
      path,
      summary: 'Look at all shops in pages, closed ones too.',
      parameters: queryParameters(SourcePageQuery, {
        after: 'The `next` of the page before; nothing for the first.',
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
      summary: 'Compare which versions there are, bucket by bucket.',
      description:
        'A bucket is named by the first hex digits of SHA-256 over a shop id. It is answered by its children, each with the count and ' +
        'the XOR of the hashes of its (id, version) pairs, or by its shops where they are few. Closed shops count.',
      parameters: [],
      body: { schema: DigestRequest, example: { prefixes: [''] } },
      answers: [
        {
          status: 200,
          description: 'A bucket for each prefix, in order.',
          schema: DigestAnswer,
          example: { digests: [{ prefix: '', resources: [{ id: examples.shopId, version: 19 }] }] },
        },
      ],
      problems: [...common, 'malformed-request', 'too-large', 'unsupported-media-type'],
    },
  ];
}
