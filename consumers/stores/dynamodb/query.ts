import { ProblemError } from '../../../contracts/wire/problem.ts';
import type { Filter, Indexes, ViewRow } from '../../runtime/views/view-store.ts';
import { above, allOf, anyOf, type IdCursor, inPages, take } from './ids.ts';
import { type Item, shards, textAttribute, toRow } from './item.ts';
import { tryUntilDone, withPatience } from './patience.ts';
import { getItems, type TableDeps } from './rows.ts';
import { ALL_ROWS, lookedUp, SHARD } from './table.ts';
import { headsOf } from './values.ts';

/** Work that one query may spend beyond the rows that it returns. */
type Budget = { spend: (steps: number) => void };

/**
 * 20,000 rows that don't fit, or 2,000 pages of an index: at most 10,000 read units, an eighth of a cent, and some
 * seconds. A query that finds nothing must not read ten million rows.
 */
const MOST_STEPS = 20_000;
const STEPS_OF_A_PAGE = 10;

/** Rows read at once while a query searches for those that fit. */
const MOST_ROWS = 1_000;

function createBudget(): Budget {
  let spent = 0;
  return {
    spend(steps) {
      spent += steps;
      if (spent > MOST_STEPS)
        throw new ProblemError(
          'invalid-request',
          'Too many views would have to be read for this. Ask for less at once.',
        );
    },
  };
}

/** Reads the ids of all rows, tombstones too. */
export const allIds = (deps: TableDeps, budget = createBudget()): IdCursor =>
  anyOf(shards.map((shard) => idsUnder(deps, { index: ALL_ROWS, attribute: SHARD, key: shard }, budget)));

/**
 * Finds rows in id order. It intersects the ids that the indexes list for the filter, reads those rows, and checks each
 * with `accept`. The check is needed because heads are coarser than values, and because an index lags behind its table.
 */
export async function findRows<View>(
  deps: TableDeps,
  { indexes, filter }: { indexes: Indexes; filter: Filter },
  accept: (row: ViewRow<View>) => boolean,
  { after, limit }: { after: string; limit: number },
): Promise<ViewRow<View>[]> {
  const budget = createBudget();
  const ids = planned(deps, indexes, filter, budget);
  const found: ViewRow<View>[] = [];
  let from = above(after);
  let most = limit;
  while (found.length < limit) {
    const asked = Math.min(most, MOST_ROWS);
    const some = await take(ids, from, asked);
    const rows = (await getItems(deps, some, { ConsistentRead: false })).map(toRow<View>).filter(accept);
    found.push(...rows.toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    if (some.length < asked) break;
    budget.spend(some.length - rows.length);
    from = above(some.at(-1) as string);
    // As many as needed if the next rows fit as rarely as these.
    most = Math.ceil(((limit - found.length) * some.length) / Math.max(1, rows.length));
  }
  return found.slice(0, limit);
}

function planned(deps: TableDeps, indexes: Indexes, filter: Filter, budget: Budget): IdCursor {
  const lists = lookedUp(indexes).flatMap(({ name, attribute }) => {
    const heads = filter[name] === undefined ? null : headsOf(filter[name]);
    if (heads === null) return [];
    return anyOf(heads.map((key) => idsUnder(deps, { index: attribute, attribute, key }, budget)));
  });
  return lists.length > 0 ? allOf(lists) : allIds(deps, budget);
}

type IndexKey = { index: string; attribute: string; key: string };

/** Reads the ids that an index has under one key. */
function idsUnder(
  { table, call, clock, closed }: TableDeps,
  { index, attribute, key }: IndexKey,
  budget: Budget,
): IdCursor {
  return inPages(async (from, most) => {
    budget.spend(STEPS_OF_A_PAGE);
    const { Items = [], LastEvaluatedKey } = await withPatience(clock, closed, (patience) =>
      tryUntilDone(patience, () =>
        call(
          'Query',
          {
            TableName: table,
            IndexName: index,
            KeyConditionExpression: '#key = :key and id >= :from',
            ExpressionAttributeNames: { '#key': attribute },
            ExpressionAttributeValues: { ':key': { S: key }, ':from': { S: from } },
            ProjectionExpression: 'id',
            Limit: most,
          },
          patience.signal,
        ),
      ),
    );
    return { ids: Items.map((item: Item) => textAttribute(item, 'id')), isLast: LastEvaluatedKey === undefined };
  });
}
