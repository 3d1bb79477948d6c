import type { Hono } from 'hono';
import { viewApi } from './query-app.ts';
import type { Consumer } from './runtime/define-consumer.ts';
import type { SqliteViewStore } from './runtime/sqlite-view-store.ts';

/** What makes a consumer a service: its definition, the schema of its store, and what it answers from it. */
export type Part<Shop = unknown, View = unknown> = {
  readonly consumer: Consumer<Shop, View>;
  /** An SQL file that creates the table `view` with the columns its queries need; null for id, version and view alone. */
  readonly schema: URL | null;
  /** What the query API answers, for people: `GET /shops/{id}`. */
  readonly queries: readonly string[];
  queryApi(store: SqliteViewStore<View>): Hono;
};

/** Says what a consumer is as a service. One that says nothing of queries answers `GET /shops/{id}`. */
export function definePart<Shop, View>(
  part: Pick<Part<Shop, View>, 'consumer'> & Partial<Part<Shop, View>>,
): Part<Shop, View> {
  return Object.freeze({ schema: null, queries: ['GET /shops/{id}'], queryApi: viewApi, ...part });
}
