import type { Hono } from 'hono';
import type { Consumer } from './runtime/define-consumer.ts';
import type { SqliteViewStore } from './runtime/sqlite-view-store.ts';

/** What makes a consumer a service: its definition, the schema of its store, and what it answers from it. */
export type Part<Shop = unknown, View = unknown> = {
  readonly consumer: Consumer<Shop, View>;
  /** An SQL file that creates the table `view` with the columns its queries need. */
  readonly schema: URL;
  /** What the query API answers, for people: `GET /shops/{id}`. */
  readonly queries: readonly string[];
  queryApi(store: SqliteViewStore<View>): Hono;
};

/** Says what a consumer is as a service. */
export function definePart<Shop, View>(part: Part<Shop, View>): Part<Shop, View> {
  return Object.freeze({ ...part });
}
