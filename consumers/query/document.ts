import type { Domain } from '../../contracts/documents/domain.ts';
import { type OpenApiDocument, openApi } from '../../contracts/documents/openapi.ts';
import type { Operation } from '../../contracts/documents/operation.ts';
import { explainProblemOperation } from '../../contracts/documents/service-operations.ts';
import type { Consumer } from '../runtime/define-consumer.ts';
import { consumerOperations } from './operations.ts';

/** A consumer, its domain, and the operations of its query API beside those that every consumer has. */
type Queries = { readonly consumer: Consumer; readonly domain: Domain; readonly operations: readonly Operation[] };

/** Makes the OpenAPI document of a consumer's query API. Pure. */
export function queryDocument({ consumer, domain, operations }: Queries): OpenApiDocument {
  const { name } = consumer.agreement;
  return openApi({
    domain,
    title: `Doorbell ${name} queries`,
    description: `Answers of ${name} from its own views, without a call to the publisher. A view may be a moment older than its source.`,
    tags: [
      { name: 'queries', description: 'Reading views.' },
      { name: 'service', description: 'Health and metrics of the consumer.' },
    ],
    tokens: {},
    operations: [...operations, ...consumerOperations, explainProblemOperation(domain.problems)],
  });
}
