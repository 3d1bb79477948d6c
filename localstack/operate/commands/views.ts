import { systemClock } from '../../../consumers/runtime/system.ts';
import { type ReadableViewStore, readSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';

/** Opens the views of a consumer for reading: the path of an SQLite file, or `dynamodb:` and the name of a table. */
export async function readViews(views: string): Promise<ReadableViewStore<unknown>> {
  const [, table] = /^dynamodb:(.+)$/.exec(views) ?? [];
  if (table === undefined) return readSqliteViewStore<unknown>(views);
  // Loaded only where it is needed: no other command calls DynamoDB.
  const { openDynamoViewStore } = await import('../../../consumers/stores/dynamodb/store.ts');
  return openDynamoViewStore<unknown>({ table, indexes: {}, clock: systemClock });
}
