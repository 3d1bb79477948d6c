import {
  EventPage,
  EventsQuery,
  PAGE_LIMIT,
  ShopDocument,
  ShopPage,
  ShopQuery,
  ShopsQuery,
} from '../../shops/history.ts';
import type { ShopServiceProblemCode } from '../../shops/problems.ts';
import { type Operation, queryParameters } from '../operation.ts';
import { ifNoneMatch, pathParameters } from '../parameters.ts';
import { codesOfStatus } from '../problem-answers.ts';
import { examples } from './examples.ts';
import { shopParameters } from './parameters.ts';

const common: ShopServiceProblemCode[] = [
  'unauthorized',
  'invalid-request',
  ...codesOfStatus(429),
  'internal-error',
  'unavailable',
];

const { shopDocument, eventId, at } = examples;

const priceRaised = {
  version: 19,
  eventId,
  type: 'shop.menu-item-price-changed',
  at,
  data: { itemId: examples.itemId, from: { price: 7500, priceNote: null }, to: { price: 8000, priceNote: null } },
  meta: { actor: 'operator', command: 'changeMenuItem', key: 'price-2026-11-24-1' },
};

/** Operations for operators: shops as they are, and their history. */
export const historyOperations: readonly Operation<ShopServiceProblemCode>[] = [
  {
    operationId: 'listShops',
    method: 'get',
    path: '/shops',
    tag: 'history',
    summary: 'Read all shops in pages, closed ones too.',
    token: 'operator',
    parameters: queryParameters(ShopsQuery, {
      after: 'The `next` of the previous page; leave it out for the first page.',
      limit: `Shops on a page, 1 to ${PAGE_LIMIT}; fewer where they have more than 2 MiB together.`,
    }),
    answers: [
      {
        status: 200,
        description: 'Shops in id order; `next` is null on the last page.',
        schema: ShopPage,
        example: { shops: [shopDocument], next: null },
      },
    ],
    problems: common,
  },
  {
    operationId: 'getShop',
    method: 'get',
    path: '/shops/:shopId',
    tag: 'history',
    summary: 'Read a shop as it is now, or as it was at a version or an instant.',
    token: 'operator',
    parameters: [
      ...pathParameters('/shops/:shopId', shopParameters),
      ...queryParameters(ShopQuery, {
        version: { description: 'The shop as it was at this version.', example: 17 },
        at: { description: 'The shop as it was at this instant; not together with `version`.', example: at },
      }),
      ifNoneMatch('"19"'),
    ],
    answers: [
      {
        status: 200,
        description: 'The shop. A past state has no ETag, because it never changes.',
        schema: ShopDocument,
        example: shopDocument,
        headers: ['ETag'],
      },
      { status: 304, description: 'The client has the newest version already.', headers: ['ETag'] },
    ],
    problems: [...common, 'malformed-request', 'resource-not-found', 'version-not-found'],
  },
  {
    operationId: 'listEvents',
    method: 'get',
    path: '/shops/:shopId/events',
    tag: 'history',
    summary: 'Read the events of a shop, oldest first, in pages.',
    token: 'operator',
    parameters: [
      ...pathParameters('/shops/:shopId/events', shopParameters),
      ...queryParameters(EventsQuery, {
        after: 'The `next` of the previous page: events above this version.',
        limit: `Events on a page, 1 to ${PAGE_LIMIT}; fewer where they have more than 2 MiB together.`,
      }),
    ],
    answers: [
      {
        status: 200,
        description: 'Events with actor, command and data; `next` is null on the last page.',
        schema: EventPage,
        example: { events: [priceRaised], next: null },
      },
    ],
    problems: [...common, 'resource-not-found'],
  },
];
