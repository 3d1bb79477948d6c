import { ResourceId } from '../../contracts/wire/resource.ts';
import { createFeed } from '../feed/feed.ts';
import { type AskLog, feedLog } from '../feed/feed-log.ts';
import { bucketReader } from '../postgres/read-buckets.ts';
import type { ReadStates, ResourceLog, SourceRow, States } from '../source-api/source.ts';
import { systemClock } from '../system.ts';
import { feedTablesOf } from './outbox-log.ts';
import type { QueryResult, Transaction } from './ring.ts';
import { schemaName } from './schema.ts';

/**
 * Runs work in one snapshot of the database: a read-only transaction with the isolation level REPEATABLE READ. `query`
 * asks in that transaction.
 */
export type Snapshot<Tx> = <Result>(
  work: (transaction: Tx, query: Transaction['query']) => Promise<Result>,
) => Promise<Result>;

/** Settings of the outbox as the log of a source API. */
export type ResourceLogOptions<Tx> = {
  snapshot: Snapshot<Tx>;
  schema?: string | undefined;
  /** Only resources whose id begins with it, for an outbox with several kinds: `product:`. */
  prefix?: string | undefined;
};

type VersionRow = { id: string; version: number | string; gone: boolean };

/** Makes the outbox the log of a source API: versions, pages, tombstones and digests come from its resources. */
export function resourceLog<Tx>({ snapshot, schema, prefix }: ResourceLogOptions<Tx>): ResourceLog<Tx> {
  const table = `${schemaName(schema)}.resource`;
  const range = rangeOf(prefix);
  const where = range === null ? '' : `id >= '${range.from}' and id < '${range.below}'`;
  const and = where === '' ? '' : `and ${where}`;
  const byId = `select id, version, gone from ${table} where id = any($1) ${and}`;
  const page = `select id, version, gone from ${table} where id > $1 ${and} order by id limit $2`;
  const readBuckets = bucketReader({ table, name: `${table}-${prefix ?? ''}`, ...(where !== '' && { where }) });

  const ask: AskLog = ({ text }, values) => snapshot(async (_, query) => rowsOf<unknown>(await query(text, values)));
  const feed = createFeed(feedLog(feedTablesOf(schemaName(schema)), ask), {
    clock: systemClock,
    ...(prefix !== undefined && { shows: (id: string) => id.startsWith(prefix) }),
  });

  const read = <State>(text: string, values: unknown[], states: ReadStates<State, Tx>) =>
    snapshot(async (transaction, query) => {
      const rows = rowsOf<VersionRow>(await query(text, values));
      const living = rows.filter(({ gone }) => !gone).map(({ id }) => id);
      const found = living.length === 0 ? new Map<string, State>() : byIdOf(await states(living, transaction));
      return rows.map(({ id, version }): SourceRow<State> => ({ id, version, state: found.get(id) ?? null }));
    });

  return {
    feed,
    read: (ids, states) => read(byId, [ids], states),
    readPage: (after, limit, states) => read(page, [after, limit], states),
    readBuckets: (prefixes) =>
      snapshot((_, query) => {
        const database = {
          query: async ({ text }: { text: string }, values: unknown[] = []) => {
            return { rows: rowsOf(await query(text, values)) };
          },
        };
        return readBuckets(database as never, prefixes);
      }),
  };
}

/** The ids that begin with a prefix, as a range in the order of bytes. Throws TypeError where no id can begin so. */
function rangeOf(prefix: string | undefined): { from: string; below: string } | null {
  if (prefix === undefined || prefix === '') return null;
  if (!ResourceId.safeParse(`${prefix}0`).success)
    throw new TypeError(`prefix "${prefix}": no id can begin with it; use letters, digits and . _ ~ : -`);
  const last = prefix.charCodeAt(prefix.length - 1);
  return { from: prefix, below: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
}

const rowsOf = <Row>(result: QueryResult): Row[] => (Array.isArray(result) ? result : result.rows) as Row[];

function byIdOf<State>(states: States<State>): Map<string, State> {
  const pairs = [...states].map((each) =>
    Array.isArray(each) ? (each as [string, State]) : ([String((each as { id: unknown }).id), each] as [string, State]),
  );
  return new Map(pairs);
}
