import type { Clock } from '../../runtime/system.ts';
import type { Item } from './item.ts';
import { inParallel, type Patience, tryUntilDone, withPatience } from './patience.ts';
import type { Actions, DynamoCall } from './sdk.ts';

/** A table, and the parts that calling it needs. */
export type TableDeps = { table: string; call: DynamoCall; clock: Clock; closed: AbortSignal };

type BatchGet = Actions['BatchGetItem'];
type Keys = NonNullable<BatchGet['input']['RequestItems']>[string];

/** 100: items of a BatchGetItem (Amazon DynamoDB API). */
const BATCH = 100;
/** Requests at once: the SDK's client has 50 connections, and a worker has several looks under way. */
const AT_ONCE = { gets: 8, puts: 32 };

/** Reads items by their ids; unknown ids are left out. `read` holds consistency and projection. */
export async function getItems(deps: TableDeps, ids: readonly string[], read: Omit<Keys, 'Keys'>): Promise<Item[]> {
  const each = [...new Set(ids)];
  const batches = Array.from({ length: Math.ceil(each.length / BATCH) }, (_, n) =>
    each.slice(n * BATCH, (n + 1) * BATCH),
  );
  const found = await withPatience(deps.clock, deps.closed, (patience) =>
    inParallel(batches, AT_ONCE.gets, (batch) =>
      getBatch(deps, { ...read, Keys: batch.map((id) => ({ id: { S: id } })) }, patience),
    ),
  );
  return found.flat();
}

/**
 * Reads a batch. DynamoDB leaves keys unprocessed when it is throttled, or when the answer would exceed 16 MB: they are
 * asked for again.
 */
async function getBatch({ table, call }: TableDeps, asked: Keys, patience: Patience): Promise<Item[]> {
  const items: Item[] = [];
  let failures = 0;
  for (let keys: Keys | undefined = asked; keys !== undefined; ) {
    const RequestItems: BatchGet['input']['RequestItems'] = { [table]: keys };
    const answer: BatchGet['output'] = await tryUntilDone(patience, () =>
      call('BatchGetItem', { RequestItems }, patience.signal),
    );
    const found: Item[] = answer.Responses?.[table] ?? [];
    items.push(...found);
    keys = answer.UnprocessedKeys?.[table];
    failures = found.length > 0 ? 0 : failures + 1;
    if (keys !== undefined) await patience.pause(failures, new Error('it leaves keys unprocessed'));
  }
  return items;
}

/**
 * Puts items whose version is higher than the stored one, several at once. Items of one resource are put one after the
 * other.
 */
export async function putIfNewer(deps: TableDeps, items: readonly Item[]): Promise<boolean[]> {
  return putIf(isNewer, deps, items);
}

/** Puts items whose version is the stored one, in place of what is stored. */
export async function replaceItems(deps: TableDeps, items: readonly Item[]): Promise<boolean[]> {
  return putIf(isSameVersion, deps, items);
}

async function putIf(condition: Condition, deps: TableDeps, items: readonly Item[]): Promise<boolean[]> {
  const written: boolean[] = [];
  const ofOneResource = Map.groupBy(items.entries(), ([, item]) => item.id?.S);
  await withPatience(deps.clock, deps.closed, (patience) =>
    inParallel([...ofOneResource.values()], AT_ONCE.puts, async (entries) => {
      for (const [n, item] of entries) written[n] = await putOne(condition, deps, item, patience);
    }),
  );
  return written;
}

/**
 * Makes a put whose condition always fails, since no row has this id: DynamoDB checks it and writes nothing. Rejects
 * while the table takes no writes. It costs one write unit.
 */
export async function tryPut({ table, call, closed }: TableDeps): Promise<void> {
  const input = { TableName: table, Item: { id: { S: NO_ID } }, ConditionExpression: 'attribute_exists(id)' };
  await call('PutItem', input, closed).catch((error: Error) => {
    if (error.name !== 'ConditionalCheckFailedException') throw error;
  });
}

/** An id that no resource can have (contracts/wire/resource.ts). */
const NO_ID = '.';

async function putOne(
  condition: Condition,
  { table, call }: TableDeps,
  Item: Item,
  patience: Patience,
): Promise<boolean> {
  const put: Actions['PutItem']['input'] = { TableName: table, Item, ...condition(Item) };
  return tryUntilDone(patience, async (failures) => {
    // A try without an answer may have succeeded: the newer row in the table is then the same row.
    const input = failures === 0 ? put : { ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' as const };
    return call('PutItem', input, patience.signal).then(
      () => true,
      (error: Error & { Item?: Item }) => {
        if (error.name !== 'ConditionalCheckFailedException') throw error;
        return isSame(error.Item, Item);
      },
    );
  });
}

type Condition = (
  item: Item,
) => Required<
  Pick<Actions['PutItem']['input'], 'ConditionExpression' | 'ExpressionAttributeNames' | 'ExpressionAttributeValues'>
>;

const NEWER = 'attribute_not_exists(id) or #version < :version';
/** A row without a revision is one of another revision. */
const NEWER_OR_REVISED = `${NEWER} or (#version = :version and (attribute_not_exists(#revision) or #revision <> :revision))`;

const isSameVersion: Condition = ({ version }) => ({
  ConditionExpression: '#version = :version',
  ExpressionAttributeNames: { '#version': 'version' },
  ExpressionAttributeValues: { ':version': version as { N: string } },
});

function isNewer({ version, revision }: Item): ReturnType<Condition> {
  const same = isSameVersion({ version: version as { N: string } });
  if (revision === undefined) return { ...same, ConditionExpression: NEWER };
  return {
    ConditionExpression: NEWER_OR_REVISED,
    ExpressionAttributeNames: { ...same.ExpressionAttributeNames, '#revision': 'revision' },
    ExpressionAttributeValues: { ...same.ExpressionAttributeValues, ':revision': revision },
  };
}

const isSame = (stored: Item | undefined, { version, view }: Item) =>
  stored !== undefined && stored.version?.N === version?.N && stored.view?.S === view?.S;
