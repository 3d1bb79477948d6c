import type { Hono } from 'hono';
import { anyDomain, type Domain } from '../contracts/documents/domain.ts';
import type { Operation } from '../contracts/documents/operation.ts';
import { viewApi } from './query/app.ts';
import { viewOperations } from './query/operations.ts';
import type { Consumer } from './runtime/define-consumer.ts';
import type { Indexes, ViewStore } from './runtime/views/view-store.ts';

/** A consumer as a service: its definition, its indexes and its query API. */
export type Part<Resource = unknown, View = unknown> = {
  readonly consumer: Consumer<Resource, View>;
  readonly indexes: Indexes;
  /** Words and problems of its domain, for the OpenAPI document. */
  readonly domain: Domain;
  /** Short texts for people that list the query API: `GET /shops/{id}`. */
  readonly queries: readonly string[];
  queryApi(store: ViewStore<View>): Hono;
  /** Operations for the OpenAPI document, beside those that every consumer has. */
  readonly operations: readonly Operation[];
};

/** Defines a consumer as a service. Without queries of its own it answers `GET /shops/{id}`. */
export function definePart<Resource, View>(
  part: Pick<Part<Resource, View>, 'consumer'> & Partial<Part<Resource, View>>,
): Part<Resource, View> {
  const { consumer, domain = anyDomain } = part;
  return Object.freeze({
    indexes: {},
    domain,
    queries: ['GET /shops/{id}'],
    queryApi: (store) => viewApi(store, domain.problems),
    operations: viewOperations(consumer),
    ...part,
  });
}
