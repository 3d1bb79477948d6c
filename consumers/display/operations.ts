import type { Domain } from '../../contracts/documents/domain.ts';
import { type Operation, queryParameters } from '../../contracts/documents/operation.ts';
import { shopDomain } from '../../contracts/documents/shops/domain.ts';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { listHeaders, notModified, oneView, queryProblems } from '../query/operations.ts';
import { StorefrontCard } from './consumer.ts';
import { CardPage, ListQuery, ShownCard } from './query-api.ts';

const { menu, ...card } = { id: examples.shopId, version: examples.version, ...examples.displayShop, from: 8000 };

/** Shops as the document of display shows them. */
export const displayDomain: Domain = {
  ...shopDomain,
  words: [
    ...shopDomain.words,
    [
      StorefrontCard.shape.from,
      {
        description: 'The lowest price on the menu, in won; null if none is stated.',
      },
    ],
  ],
};

/** Operations for diners, for the OpenAPI document. */
export const displayOperations: readonly Operation[] = [
  {
    operationId: 'listShops',
    method: 'get',
    path: '/shops',
    tag: 'queries',
    summary: 'Find shops that are open or paused, in pages.',
    token: null,
    parameters: [
      ...queryParameters(ListQuery, {
        province: { description: 'Only shops in this province.', example: '서울' },
        city: { description: 'Only shops in this city or district.', example: '강남구' },
        category: {
          description: 'Only shops of this kind: 한식 also finds 한식_일반 and its other kinds.',
          example: '한식',
        },
        open: 'Only shops that take orders now, or only shops that do not.',
        q: { description: 'Only shops whose name or menu contains this text.', example: '국수' },
        after: 'The `next` of the previous page; leave it out for the first page.',
        limit: 'Shops on a page, 1 to 100.',
      }),
      ...listHeaders,
    ],
    answers: [
      {
        status: 200,
        headers: ['ETag'],
        description: 'Shops in id order, without their menus; `next` is null on the last page.',
        schema: CardPage,
        example: { shops: [card], next: null },
      },
      notModified,
    ],
    problems: queryProblems,
  },
  oneView(
    { operationId: 'getShop', path: '/shops/:id', summary: 'Read one shop with its menu.' },
    { schema: ShownCard, example: { ...card, menu } },
    displayDomain,
  ),
];
