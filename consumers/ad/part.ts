import { definePart } from '../part.ts';
import { ad } from './consumer.ts';
import { adIndexes } from './indexes.ts';
import { adDomain, adOperations } from './operations.ts';
import { adQueryApi } from './query-api.ts';

/** The ad consumer as a service. */
export const adPart = definePart({
  consumer: ad,
  indexes: adIndexes,
  queries: ['GET /candidates?category=&near=lat,lng&limit=', 'GET /ads/{shopId}'],
  queryApi: adQueryApi,
  domain: adDomain,
  operations: adOperations,
});
