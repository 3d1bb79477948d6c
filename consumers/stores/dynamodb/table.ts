import { type Indexes, pathsOf } from '../../runtime/views/view-store.ts';

type Key = { AttributeName: string; KeyType: 'HASH' | 'RANGE' };

/** A table in the form that CreateTable and CloudFormation take, without its name. */
export type Table = {
  AttributeDefinitions: { AttributeName: string; AttributeType: 'S' }[];
  KeySchema: Key[];
  GlobalSecondaryIndexes: { IndexName: string; KeySchema: Key[]; Projection: { ProjectionType: 'KEYS_ONLY' } }[];
  BillingMode: 'PAY_PER_REQUEST';
};

/** Time when a tombstone may be removed: seconds since the epoch (DynamoDB, "Using time to live"). */
export const TIME_TO_LIVE = { AttributeName: 'expiresAt', Enabled: true } as const;

/**
 * 30 days that a tombstone is kept: longer than a late ring can be under way. It may spend 14 days in its queue and 14
 * in the dead-letter queue, where a message that a program moved counts as new. A ring that comes even later is
 * answered with 410 by the source.
 */
export const TOMBSTONE_SECONDS = 30 * 24 * 3_600;

/** The index of all rows, tombstones too, by shard. */
export const ALL_ROWS = 'all_rows';
/** Key of that index: the row's shard, one of `SHARDS`. */
export const SHARD = 'shard';
/**
 * 4 key values over all rows: each takes 1,000 writes/s, and four of them as much as a new on-demand table takes at
 * first (DynamoDB, "On-demand capacity mode"). Every page of all rows asks each of them.
 */
export const SHARDS = 4;

/** 20: global secondary indexes of a table (Amazon DynamoDB quotas). */
const MOST_INDEXES = 20;

/** Lists the values that rows are looked up by. Each has an index, and a key attribute of the same name. */
export function lookedUp(indexes: Indexes): { name: string; path: string; attribute: string }[] {
  const paths = pathsOf(indexes).filter(({ name }) => typeof indexes[name] === 'string');
  return paths.map(({ name, path }) => ({ name, path, attribute: `by_${name}` }));
}

/**
 * Describes the table of a consumer's views: one row per resource, and an index for each value that rows are looked up
 * by. The indexes hold keys only, so that a change of other values does not write them
 * (docs/decisions/0025-dynamodb-views.md). Pure. Throws RangeError for an index that can't be named, or for too many.
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
 * Actions that the role of each host needs on the table and on its indexes (`<table>/index/*`). An SQS handler calls
 * only `versions`, `read` and `write`. A worker also scans for a resource to ask for when its source comes back.
 */
export const ACTIONS = {
  handler: { table: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], indexes: [] },
  queries: { table: ['dynamodb:BatchGetItem'], indexes: ['dynamodb:Query'] },
  worker: { table: ['dynamodb:BatchGetItem', 'dynamodb:PutItem'], indexes: ['dynamodb:Query'] },
} as const;
