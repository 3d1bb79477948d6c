import type { Hono } from 'hono';
import type { Operation } from '../contracts/documents/operation.ts';
import { viewApi } from './query/app.ts';
import { viewOperations } from './query/operations.ts';
import type { Consumer } from './runtime/define-consumer.ts';
import type { Indexes, ViewStore } from './runtime/views/view-store.ts';

/** A consumer as a service: its definition, its indexes and its query API. */
export type Part<Resource = unknown, View = unknown> = {
  readonly consumer: Consumer<Resource, View>;
  readonly indexes: Indexes;
  /** Answer of the query API, for people: `GET /shops/{id}`. */
  readonly queries: readonly string[];
  queryApi(store: ViewStore<View>): Hono;
  /** The same for its OpenAPI document, beside what every consumer answers. */
  readonly operations: readonly Operation[];
};

/** Says what a consumer is as a service. One that says nothing of queries answers `GET /shops/{id}`. */
export function definePart<Resource, View>(
  part: Pick<Part<Resource, View>, 'consumer'> & Partial<Part<Resource, View>>,
): Part<Resource, View> {
  const { consumer } = part;
  return Object.freeze({
    indexes: {},
    queries: ['GET /shops/{id}'],
    queryApi: viewApi,
    operations: viewOperations(consumer),
    ...part,
  });
}
