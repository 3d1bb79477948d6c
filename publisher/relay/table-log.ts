import type { Database } from '../postgres/database.ts';
import type { Checkpoint, EventLog, Remedies, RingColumns } from './event-log.ts';
import type { Ring } from './ring.ts';
import { type SlotNames, tableReplication } from './slot.ts';

/** Names in the schema of a change log. Every name is written into statements as it is: none comes from a user's input. */
export type LogTables = SlotNames & {
  /** Tells the prepared statements of two logs apart. */
  log: string;
  /** Name of the table of changes, with its schema where it has one. */
  changes: string;
  columns: RingColumns;
  /** Table of checkpoints: name, pos, epoch, catching_up. */
  checkpoints: string;
  /** Table of parked rings, and its column for the resource's id. */
  parked: { table: string; id: string };
  /** Arguments of the leader's advisory lock, the same in every relay of this log. */
  lock: string;
  /** Channel of LISTEN and NOTIFY; null where no process announces its commits. */
  channel: string | null;
  /** Statement that removes old changes and returns their number as `pruned`. */
  prune?: string;
  remedies: Remedies;
};

/** Makes a change log of the tables with these names, for any session. */
export function tableLog(tables: LogTables): (database: Database) => EventLog {
  const sql = statementsOf(tables);
  const { channel, prune, remedies } = tables;

  return (database) => {
    const one = async <Row extends object>(statement: object, values: unknown[] = []): Promise<Row | undefined> =>
      (await database.query<Row>(statement as never, values)).rows[0];
    return {
      remedies,
      replication: tableReplication(tables, database),
      readAfter: async (position, limit) => (await database.query<Ring>(sql.after, [position, limit])).rows,
      async writers() {
        const { rows } = await database.query<{ holder: string }>(sql.writers);
        return new Set(rows.map(({ holder }) => holder));
      },
      last: async () => (await one<{ last: number }>(sql.last))?.last ?? 0,
      async countVisible(positions) {
        if (positions.length === 0) return 0;
        return (await one<{ visible: number }>(sql.visible, [positions]))?.visible ?? 0;
      },
      oldestWaiting: async (name) => (await one<{ seconds: number }>(sql.oldest, [name]))?.seconds ?? 0,
      async raiseEpoch(name) {
        const checkpoint = await one<Checkpoint>(sql.takeOver, [name]);
        if (checkpoint === undefined) throw new Error(`no checkpoint named ${name}`);
        return checkpoint;
      },
      async moveCheckpoint(name, { position, epoch }, to) {
        return (await database.query(sql.move, [name, position, epoch, to])).rowCount === 1;
      },
      async markCatchingUp(name, { epoch }, isCatchingUp) {
        await database.query(sql.catchingUp, [name, epoch, isCatchingUp]);
      },
      async park({ eventId, id, type, version }, reason) {
        await database.query(sql.park, [eventId, id, type, version, reason]);
      },
      lead: async () => (await one<{ isLeader: boolean }>({ text: sql.lead }))?.isLeader === true,
      async listen() {
        if (channel !== null) await database.query(`listen ${channel}`);
      },
      ...(prune !== undefined && {
        prune: async () => (await one<{ pruned: number }>({ text: prune }))?.pruned ?? 0,
      }),
    };
  };
}

/**
 * Query for the transactions that may have drawn a position and not committed yet, as `holder`. They hold a write lock
 * on the table: it is taken before a position is drawn, and held until the commit.
 */
export const writersSql = (changes: string): string => `
  select virtualtransaction as holder from pg_locks
  where locktype = 'relation' and mode = 'RowExclusiveLock' and granted
    and database = (select oid from pg_database where datname = current_database())
    and relation = '${changes}'::regclass`;

function statementsOf({ log, changes, columns, checkpoints, parked, lock }: LogTables) {
  const named = (name: string, text: string) => ({ name: `${log}-${name}`, text });
  const { position, id, type, version, eventId, occurredAt } = columns;
  return {
    after: named(
      'after',
      `select change.${position} as position, ${id} as id, ${type} as type, ${version} as version,
              ${eventId} as "eventId", floor(extract(epoch from ${occurredAt}) * 1000)::bigint as "occurredAt"
       from ${changes} as change where change.${position} > $1 order by change.${position} limit $2`,
    ),
    writers: named('writers', writersSql(changes)),
    last: named('last', `select coalesce(max(${position}), 0) as last from ${changes}`),
    visible: named('visible', `select count(*) as visible from ${changes} where ${position} = any($1::bigint[])`),
    oldest: named(
      'oldest',
      `select greatest(0, extract(epoch from clock_timestamp() - ${occurredAt}))::float8 as seconds from ${changes}
       where ${position} > coalesce((select pos from ${checkpoints} where name = $1), 0) order by ${position} limit 1`,
    ),
    takeOver: named(
      'take-over',
      `insert into ${checkpoints} as checkpoint (name, pos, epoch) values ($1, 0, 1)
       on conflict (name) do update set epoch = checkpoint.epoch + 1
       returning pos as position, epoch, catching_up as "catchingUp"`,
    ),
    move: named('move', `update ${checkpoints} set pos = $4 where name = $1 and pos = $2 and epoch = $3`),
    catchingUp: named('catching-up', `update ${checkpoints} set catching_up = $3 where name = $1 and epoch = $2`),
    park: named(
      'park',
      `insert into ${parked.table} (event_id, ${parked.id}, type, version, reason) values ($1, $2, $3, $4, $5)
       on conflict (event_id) do update set reason = excluded.reason, at = clock_timestamp()`,
    ),
    lead: `select pg_try_advisory_lock(${lock}) as "isLeader"`,
  };
}
