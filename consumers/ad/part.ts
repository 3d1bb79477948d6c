import { definePart } from '../part.ts';
import { ad } from './consumer.ts';
import { createPickCandidates } from './pick-candidates.ts';
import { adQueryApi } from './query-api.ts';

/** The ad consumer as a service. */
export const adPart = definePart({
  consumer: ad,
  schema: new URL('./views.sql', import.meta.url),
  queries: ['GET /candidates?category=&near=lat,lng&limit=', 'GET /ads/{shopId}'],
  queryApi: (store) => adQueryApi(store, createPickCandidates(store.database)),
});
