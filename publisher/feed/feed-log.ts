import { ProblemError } from '../../contracts/wire/problem.ts';
import { type LogTables, writersSql } from '../relay/table-log.ts';
import { type FeedPlace, ORIGIN } from './cursor.ts';

/** Names of a change log that is read as a feed. Every name is written into statements as it is. */
export type FeedTables = Pick<LogTables, 'log' | 'changes' | 'columns' | 'checkpoints'> & {
  /** Condition on a change by which its resource is gone. */
  gone: string;
  /** Table with the position and event id of the last change that was removed; null for a log that keeps all. */
  pruned: string | null;
};

/** Runs one statement, in a snapshot of the database that begins with the call. */
export type AskLog = (statement: { name: string; text: string }, values: unknown[]) => Promise<unknown[]>;

/** A change as the log has it. */
export type LogChange = FeedPlace & { id: string; type: string; version: number; gone: boolean; occurredAt: number };

/** Changes above a position, oldest first, and the state of the log in the same snapshot. */
export type LogPage = {
  changes: LogChange[];
  /** The event at the position; null if there is none. */
  eventId: string | null;
  /** The newest change that is visible. */
  last: FeedPlace;
  /** The last change that was removed. */
  pruned: FeedPlace;
  /**
   * On a standby: the position up to which the relay has rung, as far as the standby knows. Null on a primary. A
   * standby can't see the open transactions of the primary.
   */
  rungUpTo: number | null;
};

/** A change log as the feed sees it. */
export type FeedLog = {
  read: (position: number, limit: number) => Promise<LogPage>;
  /** Reads the highest position that is visible, or 0. */
  last: () => Promise<number>;
  /**
   * Reads the transactions that may have drawn a position and not committed yet. Throws `unavailable` on a standby,
   * which knows of no writer: a pool may have connections to the primary and to a standby.
   */
  writers: () => Promise<Set<string>>;
};

type PageJson = {
  changes: [
    position: number,
    eventId: string,
    id: string,
    type: string,
    version: number,
    gone: boolean,
    occurredAt: number,
  ][];
  eventId: string | null;
  last: FeedPlace | null;
  pruned: FeedPlace | null;
  rungUpTo: number | null;
};

/** Makes the reads of a change log. */
export function feedLog(tables: FeedTables, ask: AskLog): FeedLog {
  const sql = statementsOf(tables);
  return {
    async read(position, limit) {
      const [row] = (await ask(sql.page, [position, limit])) as { page: string }[];
      const { changes, last, pruned, ...page } = JSON.parse(row?.page ?? '{}') as PageJson;
      return { ...page, changes: changes.map(changeOf), last: last ?? ORIGIN, pruned: pruned ?? ORIGIN };
    },
    async last() {
      const [row] = (await ask(sql.last, [])) as { last: number | string }[];
      return Number(row?.last ?? 0);
    },
    async writers() {
      const rows = (await ask(sql.writers, [])) as { holder: string | null }[];
      if (rows.some(({ holder }) => holder === null)) throw notHere();
      return new Set(rows.map(({ holder }) => String(holder)));
    },
  };
}

const notHere = () =>
  new ProblemError('unavailable', 'A standby does not know the open transactions of the primary. Ask again soon.');

const changeOf = (change: PageJson['changes'][number]): LogChange => {
  const [position, eventId, id, type, version, gone, occurredAt] = change;
  return { position, eventId, id, type, version, gone, occurredAt };
};

function statementsOf({ log, changes, columns, checkpoints, gone, pruned }: FeedTables) {
  const { position, id, type, version, eventId, occurredAt } = columns;
  const place = `json_build_object('position', ${position}, 'eventId', ${eventId})`;
  const named = (name: string, text: string) => ({ name: `${log}-feed-${name}`, text });
  return {
    // One text, because clients of PostgreSQL differ in how they return numbers and JSON.
    page: named(
      'page',
      `select json_build_object(
         'changes', (
           select coalesce(json_agg(json_build_array(
             change.${position}, ${eventId}, ${id}, ${type}, ${version}, ${gone},
             floor(extract(epoch from ${occurredAt}) * 1000)::bigint) order by change.${position}), '[]')
           from (select * from ${changes} as c where c.${position} > $1::bigint order by c.${position} limit $2::int)
             as change),
         'eventId', (select ${eventId} from ${changes} where ${position} = $1::bigint),
         'last', (select ${place} from ${changes} order by ${position} desc limit 1),
         'pruned', ${pruned === null ? 'null' : `(select json_build_object('position', position, 'eventId', event_id) from ${pruned})`},
         'rungUpTo', case when pg_is_in_recovery() then (select coalesce(max(pos), 0) from ${checkpoints}) end
       )::text as page`,
    ),
    last: named('last', `select coalesce(max(${position}), 0) as last from ${changes}`),
    writers: named('writers', `${writersSql(changes)} union all select null where pg_is_in_recovery()`),
  };
}
