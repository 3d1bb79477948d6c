import type { ResourceVersion } from '../../../contracts/wire/source-api.ts';
import type { Clock } from '../../runtime/system.ts';
import type { Indexes, LivingRow, ViewStore } from '../../runtime/views/view-store.ts';
import { type Item, refusalOf, toItem, toRow, toVersion } from './item.ts';
import { tryUntilDone, withPatience } from './patience.ts';
import { findRows } from './query.ts';
import { getItems, putIfNewer, type TableDeps, tryPut } from './rows.ts';
import { type DynamoCall, type DynamoDBClientConfig, openDynamo } from './sdk.ts';
import { judgeOf } from './values.ts';

/** A view store in DynamoDB. */
export type DynamoViewStore<View> = ViewStore<View> & {
  /** Versions of all resources in pages, closed ones too, in an order of the table's own: for `findDrift`. */
  scanVersions: (after: string, limit: number) => Promise<ResourceVersion[]>;
  close: () => void;
};

/** Dependencies of a store: its table as `tableOf(indexes)` describes it, and where it is, if not where the SDK finds it. */
export type DynamoViewStoreOptions = {
  table: string;
  indexes: Indexes;
  client?: DynamoDBClientConfig;
  clock: Clock;
};

/**
 * Views as JSON texts in a DynamoDB table, one item per resource. Each row is written by itself, on the condition that its
 * version is higher than the stored one. Makes no call before it is asked for something.
 */
export function openDynamoViewStore<View>({
  table,
  indexes,
  client,
  clock,
}: DynamoViewStoreOptions): DynamoViewStore<View> {
  const { call, close } = openDynamo(client);
  const closing = new AbortController();
  const deps = { table, call: sayingWhere(table, call), clock, closed: closing.signal };
  const itemOf = (row: Parameters<typeof toItem<View>>[1]) => toItem(indexes, row, clock.now());

  return {
    async versions(ids) {
      // Not consistent, for half the price: a version that is too old costs a look, and `write` refuses what it brings.
      const items = await getItems(deps, ids, { ConsistentRead: false, ...VERSIONS });
      return new Map(items.map(toVersion).map(({ id, version }) => [id, version]));
    },
    read: async (ids) => (await getItems(deps, ids, { ConsistentRead: true })).map(toRow<View>),
    async write(rows) {
      const items = rows.map(itemOf);
      const refused = items.find((item) => refusalOf(item) !== null);
      if (refused !== undefined) throw new RangeError(`resource ${refused.id?.S}: ${refusalOf(refused)}`);
      return putIfNewer(deps, items);
    },
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
    close() {
      closing.abort(new Error('the store is closed'));
      close();
    },
  };
}

/** 100: an item has at most 400 KB, and a page of all should not have more than 40 MB of them. */
const MOST_SCANNED = 100;

/** DynamoDB's own words name neither the table nor what to do about it. */
function sayingWhere(table: string, call: DynamoCall): DynamoCall {
  return (...told) =>
    call(...told).catch((error: Error) => {
      const remedy = error.name === 'ResourceNotFoundException' ? '; is it deployed, and in this region?' : '';
      error.message = `table ${table}: ${error.message}${remedy}`;
      throw error;
    });
}

const VERSIONS = { ProjectionExpression: 'id, #version', ExpressionAttributeNames: { '#version': 'version' } };

/** Through the table itself, in the order of its hashes: a ninth of what rows of half a kilobyte cost one by one. */
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
    // A page ends at 1 MB of rows, however few versions that is.
    const answer = await withPatience(clock, closed, (patience) =>
      tryUntilDone(patience, () => call('Scan', input, patience.signal)),
    );
    found.push(...(answer.Items ?? []).map(toVersion));
    start = answer.LastEvaluatedKey;
  } while (start !== undefined && found.length < limit);
  return found;
}
