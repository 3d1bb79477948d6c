import { definePart } from '../part.ts';
import { display } from './consumer.ts';
import { createListShops } from './list-shops.ts';
import { displayQueryApi } from './query-api.ts';

/** The display consumer as a service. */
export const displayPart = definePart({
  consumer: display,
  schema: new URL('./views.sql', import.meta.url),
  queries: ['GET /shops?province=&city=&category=&open=&q=', 'GET /shops/{id}'],
  queryApi: (store) => displayQueryApi(store, createListShops(store.database)),
});
