import type { ResourceVersion } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../../runtime/system.ts';
import type { HoldStore } from '../../runtime/views/hold-store.ts';
import type { ProgressStore } from '../../runtime/views/progress-store.ts';
import type { Indexes, LivingRow, ViewRow, ViewStore } from '../../runtime/views/view-store.ts';
import { HOLD_ID, holdIn } from './hold.ts';
import { type Item, refusalOf, toItem, toRow, toVersion } from './item.ts';
import { tryUntilDone, withPatience } from './patience.ts';
import { PROGRESS_ID, progressIn } from './progress.ts';
import { findRows } from './query.ts';
import { getItems, putIfNewer, replaceItems, type TableDeps, tryPut } from './rows.ts';
import { type DynamoCall, type DynamoDBClientConfig, openDynamo } from './sdk.ts';
import { judgeOf } from './values.ts';

/** A view store in DynamoDB. */
export type DynamoViewStore<View> = ViewStore<View> & {
  /** Reads versions of all resources in pages, closed ones too, in the table's own order: for `findDrift`. */
  scanVersions: (after: string, limit: number) => Promise<ResourceVersion[]>;
  /** Writes each row whose version is the stored one, whatever the stored view is: the repair of a damaged view. */
  replace: (rows: readonly ViewRow<View>[]) => Promise<boolean[]>;
  progress: ProgressStore;
  holds: HoldStore;
  close: () => void;
};

/**
 * Settings of a store: its table as `tableOf(indexes)` describes it, and its address if the SDK should not find it by
 * itself.
 */
export type DynamoViewStoreOptions = {
  table: string;
  indexes: Indexes;
  client?: DynamoDBClientConfig;
  clock: Clock;
  /** Written beside each view: a view of another revision is written again at the same version. */
  revision?: string | undefined;
};

/**
 * Opens a store of views as JSON texts in a DynamoDB table, one item per resource. Each row is written by itself, on
 * the condition that its version is higher than the stored one. It makes no call until a method is called.
 */
export function openDynamoViewStore<View>({
  table,
  indexes,
  client,
  clock,
  revision,
}: DynamoViewStoreOptions): DynamoViewStore<View> {
  const { call, close } = openDynamo(client);
  const closing = new AbortController();
  const deps = { table, call: sayingWhere(table, call), clock, closed: closing.signal };
  const itemOf = (row: ViewRow<View>) => toItem(indexes, row, clock.now(), revision);
  const itemsOf = (rows: readonly ViewRow<View>[]) => {
    const items = rows.map(itemOf);
    const refused = items.find((item) => refusalOf(item) !== null);
    if (refused !== undefined) throw new RangeError(`resource ${refused.id?.S}: ${refusalOf(refused)}`);
    return items;
  };

  return {
    async versions(ids) {
      // Not consistent, for half the price: a version that is too old costs a look, and `write` refuses its answer.
      const items = await getItems(deps, ids, { ConsistentRead: false, ...VERSIONS });
      return new Map(items.map(toVersion).map(({ id, version }) => [id, version]));
    },
    read: async (ids) => (await getItems(deps, ids, { ConsistentRead: true })).map(toRow<View>),
    write: async (rows) => putIfNewer(deps, itemsOf(rows)),
    replace: async (rows) => replaceItems(deps, itemsOf(rows)),
    probe: () => tryPut(deps),
    scan: (after, limit) =>
      findRows<View>(deps, { indexes, filter: {} }, () => true, { after, limit: Math.min(limit, MOST_SCANNED) }),
    scanVersions: (after, limit) => scanTable(deps, after, limit),
    async query(filter, after, limit) {
      const fits = judgeOf(indexes, filter);
      const accept = ({ view }: { view: View | null }) => view !== null && fits(view);
      return (await findRows<View>(deps, { indexes, filter }, accept, { after, limit })) as LivingRow<View>[];
    },
    refusal: (row) => refusalOf(itemOf(row)),
    progress: progressIn(deps),
    ...(revision !== undefined && { revision }),
    holds: holdIn(deps),
    close() {
      closing.abort(new Error('the store is closed'));
      close();
    },
  };
}

/** 100: an item has at most 400 KB, and a page of all rows should not exceed 40 MB. */
const MOST_SCANNED = 100;

/** Adds the table's name and a remedy to DynamoDB's error messages. */
function sayingWhere(table: string, call: DynamoCall): DynamoCall {
  return (...told) =>
    call(...told).catch((error: Error) => {
      const remedy = error.name === 'ResourceNotFoundException' ? '; is it deployed, and in this region?' : '';
      error.message = `table ${table}: ${error.message}${remedy}`;
      throw error;
    });
}

/** Items of the consumer itself. */
const NO_ROWS = new Set([PROGRESS_ID, HOLD_ID]);
const VERSIONS = { ProjectionExpression: 'id, #version', ExpressionAttributeNames: { '#version': 'version' } };

/**
 * Reads the table itself, in the order of its hashes: a ninth of the price of reading rows of half a kilobyte one by
 * one.
 */
async function scanTable(
  { table, call, clock, closed }: TableDeps,
  after: string,
  limit: number,
): Promise<ResourceVersion[]> {
  const found: ResourceVersion[] = [];
  let start: Item | undefined = after === '' ? undefined : { id: { S: after } };
  do {
    const input = {
      TableName: table,
      ...VERSIONS,
      Limit: limit - found.length,
      ...(start !== undefined && { ExclusiveStartKey: start }),
    };
    // DynamoDB ends a page at 1 MB of rows, however small the projected versions are.
    const answer = await withPatience(clock, closed, (patience) =>
      tryUntilDone(patience, () => call('Scan', input, patience.signal)),
    );
    const items = (answer.Items ?? []).filter(({ id }) => !NO_ROWS.has(id?.S ?? ''));
    found.push(...items.map(toVersion));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}
