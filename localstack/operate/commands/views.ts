import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import type { HoldStore } from '../../../consumers/runtime/views/hold-store.ts';
import type { Indexes } from '../../../consumers/runtime/views/view-store.ts';
import { revisionOf } from '../../../consumers/service/revision.ts';
import { openSqliteHold } from '../../../consumers/stores/sqlite/hold.ts';
import {
  type ReadableViewStore,
  type RepairableViewStore,
  readSqliteViewStore,
  repairSqliteViewStore,
} from '../../../consumers/stores/sqlite/store.ts';

/** Opens the views of a consumer for reading: the path of an SQLite file, or `dynamodb:` and the name of a table. */
export async function readViews(views: string): Promise<ReadableViewStore<unknown>> {
  const table = tableOf(views);
  return table === null ? readSqliteViewStore<unknown>(views) : openTable(table);
}

/** Opens the hold of a consumer, which is beside its views, for reading and writing. */
export async function openHold(views: string): Promise<HoldStore & { close: () => void }> {
  const table = tableOf(views);
  if (table === null) return openSqliteHold(views);
  const { holds, close } = await openTable(table);
  return { ...holds, close };
}

async function openTable(table: string) {
  // Loaded only where it is needed: no other command calls DynamoDB.
  const { openDynamoViewStore } = await import('../../../consumers/stores/dynamodb/store.ts');
  return openDynamoViewStore<unknown>({ table, indexes: {}, clock: systemClock });
}

/**
 * Opens the views of a consumer for a repair. DynamoDB needs the indexes, since each item holds their values; an SQLite
 * file has its own. Throws an Error where they are not known.
 */
export async function repairViews(
  views: string,
  consumer: Consumer,
  indexes: Indexes | null,
): Promise<RepairableViewStore<unknown>> {
  const table = tableOf(views);
  if (table === null) return repairSqliteViewStore<unknown>(views, { revision: revisionOf(consumer) });
  if (indexes === null)
    throw new Error(`${views}: the indexes of this consumer are not known here, so its views can't be written.`);
  const { openDynamoViewStore } = await import('../../../consumers/stores/dynamodb/store.ts');
  const revision = revisionOf(consumer, indexes);
  return openDynamoViewStore<unknown>({ table, indexes, clock: systemClock, revision });
}

/** Returns the name of a DynamoDB table; null for the path of a file. */
const tableOf = (views: string): string | null => /^dynamodb:(.+)$/.exec(views)?.[1] ?? null;
