import { type Indexes, pathsOf } from '../../runtime/views/view-store.ts';

type Key = { AttributeName: string; KeyType: 'HASH' | 'RANGE' };

/** A table as both CreateTable and CloudFormation take it, without its name. */
export type Table = {
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' }[];
  KeySchema: Key[];
  GlobalSecondaryIndexes: { IndexName: string; KeySchema: Key[]; Projection: { ProjectionType: 'KEYS_ONLY' } }[];
  BillingMode: 'PAY_PER_REQUEST';
};

/** When a tombstone may go: seconds since the epoch (DynamoDB, "Using time to live"). */
export const TIME_TO_LIVE = { AttributeName: 'expiresAt', Enabled: true } as const;

/**
 * 30 days that a tombstone is kept: longer than a ring that is late can be on its way, 14 days in its queue and 14 in the
 * dead-letter queue, where it is a new message if it was buried by hand. A ring later still is answered 410 by the source.
 */
export const TOMBSTONE_SECONDS = 30 * 24 * 3_600;

/** The index of all rows, tombstones too, by shard. */
export const ALL_ROWS = 'all_rows';
/** Its key: which of `SHARDS` a row is in. */
export const SHARD = 'shard';
/**
 * 4 key values over all rows: each takes 1,000 writes/s, and four of them what a new on-demand table takes at first
 * (DynamoDB, "On-demand capacity mode"). Every page of all rows asks each of them.
 */
export const SHARDS = 4;

/** 20: global secondary indexes of a table (Amazon DynamoDB quotas). */
const MOST_INDEXES = 20;

/** The values that rows are looked up by: each has an index, and an attribute of the same name for its key. */
export function lookedUp(indexes: Indexes): { name: string; path: string; attribute: string }[] {
  const paths = pathsOf(indexes).filter(({ name }) => typeof indexes[name] === 'string');
  return paths.map(({ name, path }) => ({ name, path, attribute: `by_${name}` }));
}

/**
 * The table of a consumer's views: one row per resource, and for each value that is looked up an index of keys alone, which
 * a change that leaves the value as it is does not write (docs/decisions/0025-dynamodb-views.md). Pure. Throws RangeError
 * for an index that can't be named, or more than fit.
 */
export function tableOf(indexes: Indexes): Table {
  const keys = [
    { index: ALL_ROWS, attribute: SHARD },
    ...lookedUp(indexes).map(({ attribute }) => ({ index: attribute, attribute })),
  ];
  if (keys.length > MOST_INDEXES)
    throw new RangeError(
      `DynamoDB takes ${MOST_INDEXES} indexes of a table; these are ${keys.length} with "${ALL_ROWS}"`,
    );
  return {
    AttributeDefinitions: ['id', ...keys.map(({ attribute }) => attribute)].map(text),
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    GlobalSecondaryIndexes: keys.map(({ index, attribute }) => ({
      IndexName: index,
      KeySchema: [
        { AttributeName: attribute, KeyType: 'HASH' },
        { AttributeName: 'id', KeyType: 'RANGE' },
      ],
      Projection: { ProjectionType: 'KEYS_ONLY' },
    })),
    BillingMode: 'PAY_PER_REQUEST',
  };
}

const text = (AttributeName: string) => ({ AttributeName, AttributeType: 'S' as const });

/**
 * What each host may do, for its role: on the table, and on its indexes (`<table>/index/*`). `versions`, `read` and
 * `write` are all an SQS handler calls; a worker scans for a resource to ask after when its source comes back, too.
 */
export const ACTIONS = {
  handler: { table: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], indexes: [] },
  queries: { table: ['dynamodb:BatchGetItem'], indexes: ['dynamodb:Query'] },
  worker: { table: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], indexes: ['dynamodb:Query'] },
} as const;
