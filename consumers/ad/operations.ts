import type { Domain } from '../../contracts/documents/domain.ts';
import { type Operation, queryParameters } from '../../contracts/documents/operation.ts';
import { shopDomain } from '../../contracts/documents/shops/domain.ts';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { listHeaders, notModified, oneView, queryProblems } from '../query/operations.ts';
import { Advertisement } from './consumer.ts';
import { AdLine, Candidates, CandidatesQuery } from './query-api.ts';

const { owner, ...shop } = examples.adShop;
const line = { id: examples.shopId, version: examples.version, ...shop, owner: owner.publicName };

/** Shops as the document of the ad server shows them. */
export const adDomain: Domain = {
  ...shopDomain,
  words: [
    ...shopDomain.words,
    [
      Advertisement.shape.owner,
      {
        description: 'Public name of the owner; null where none is stated.',
      },
    ],
  ],
};

/** Operations of the ad server, for the OpenAPI document. */
export const adOperations: readonly Operation[] = [
  {
    operationId: 'listCandidates',
    method: 'get',
    path: '/candidates',
    tag: 'queries',
    summary: 'Pick shops that may be advertised: those that take orders now.',
    token: null,
    parameters: [
      ...queryParameters(CandidatesQuery, {
        category: {
          description: 'Only shops of this kind: 한식 also finds 한식_일반 and its other kinds.',
          example: '한식',
        },
        near: { description: 'The nearest first: latitude,longitude (WGS 84, degrees).', example: '37.5665,126.9780' },
        limit: 'Maximum number of shops, 1 to 100.',
      }),
      ...listHeaders,
    ],
    answers: [
      {
        status: 200,
        headers: ['ETag'],
        description: 'With `near`, the nearest first, with their distance in metres; otherwise in id order.',
        schema: Candidates,
        example: { candidates: [{ ...line, distance: 820 }] },
      },
      notModified,
    ],
    problems: queryProblems,
  },
  oneView(
    { operationId: 'getAd', path: '/ads/:shopId', summary: 'Read the advertisement of one shop.' },
    { schema: AdLine, example: line },
    adDomain,
  ),
];
