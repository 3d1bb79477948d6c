import { definePart } from '../part.ts';
import { display } from './consumer.ts';
import { displayIndexes } from './indexes.ts';
import { displayDomain, displayOperations } from './operations.ts';
import { displayQueryApi } from './query-api.ts';

/** The display consumer as a service. */
export const displayPart = definePart({
  consumer: display,
  indexes: displayIndexes,
  queries: ['GET /shops?province=&city=&category=&open=&q=', 'GET /shops/{id}'],
  queryApi: displayQueryApi,
  domain: displayDomain,
  operations: displayOperations,
});
