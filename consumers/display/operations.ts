import { examples } from '../../contracts/documents/examples.ts';
import { type Operation, queryParameters } from '../../contracts/documents/operation.ts';
import { vocabulary } from '../../contracts/documents/vocabulary.ts';
import { oneView, queryProblems } from '../query/operations.ts';
import { StorefrontCard } from './consumer.ts';
import { CardPage, ListQuery, ShownCard } from './query-api.ts';

const { menu, ...card } = { id: examples.shopId, version: examples.version, ...examples.displayShop, from: 8000 };

vocabulary.add(StorefrontCard.shape.from, {
  description: 'The lowest price on the menu, in won; null if none is stated.',
});

/** Queries of diners, for the OpenAPI document. */
export const displayOperations: readonly Operation[] = [
  {
    operationId: 'listShops',
    method: 'get',
    path: '/shops',
    tag: 'queries',
    summary: 'Find shops that are open or paused, in pages.',
    token: null,
    parameters: queryParameters(ListQuery, {
      province: { description: 'Only in this province.', example: '서울' },
      city: { description: 'Only in this city or district.', example: '강남구' },
      category: {
        description: 'Only of this kind: 한식 stands for 한식_일반 and its other kinds, too.',
        example: '한식',
      },
      open: 'Only those that take orders now, or only those that do not.',
      q: { description: 'Only those whose name or menu has this in it.', example: '국수' },
      after: 'The `next` of the page before; nothing for the first.',
      limit: 'Shops on a page, 1 to 100.',
    }),
    answers: [
      {
        status: 200,
        description: 'Shops in id order, without their menus; `next` is null on the last page.',
        schema: CardPage,
        example: { shops: [card], next: null },
      },
    ],
    problems: queryProblems,
  },
  oneView(
    { operationId: 'getShop', path: '/shops/:id', summary: 'Read one shop with its menu.' },
    { schema: ShownCard, example: { ...card, menu } },
  ),
];
