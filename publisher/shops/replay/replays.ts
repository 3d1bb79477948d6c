import type { Database } from '../../postgres/database.ts';
import type { Selection } from './selection.ts';

/** A replay and its progress. */
export type Replay = {
  id: number;
  selection: Selection;
  /** Consumer whose queue alone is rung; null rings all consumers, through the topic. */
  consumer: string | null;
  /** Number of rings to send when it started. */
  rings: number;
  /** Position up to which everything was rung. */
  position: number;
  upto: number;
  rung: number;
  /** Rings that the broker refused for good. */
  refused: number;
  state: 'ringing' | 'stopped' | 'done';
  /** ISO 8601 instant. */
  startedAt: string;
  updatedAt: string;
};

/** Stores a replay that begins. */
export async function beginReplay(
  database: Database,
  { selection, consumer, rings, upto }: Pick<Replay, 'selection' | 'consumer' | 'rings' | 'upto'>,
): Promise<Replay> {
  const { rows } = await database.query<Replay>(begin, [selection, consumer, rings, upto]);
  return rows[0] as Replay;
}
const begin = {
  name: 'begin-replay',
  text: `
    insert into replay (selection, consumer, rings, upto) values ($1, $2, $3, $4)
    returning id, selection, consumer, rings, pos as position, upto, rung, refused, state,
              to_char(started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt",
              to_char(updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "updatedAt"`,
};

/** Reads a replay, or null. */
export async function findReplay(database: Database, id: number): Promise<Replay | null> {
  const { rows } = await database.query<Replay>(replayById, [id]);
  return rows[0] ?? null;
}
const replayById = {
  name: 'replay-by-id',
  text: `
    select id, selection, consumer, rings, pos as position, upto, rung, refused, state,
           to_char(started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt",
           to_char(updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "updatedAt"
    from replay where id = $1`,
};

/** Reads the last replays, newest first, at most `limit`. */
export async function listReplays(database: Database, limit: number): Promise<Replay[]> {
  const { rows } = await database.query<Replay>(lastReplays, [limit]);
  return rows;
}
const lastReplays = {
  name: 'last-replays',
  text: `
    select id, selection, consumer, rings, pos as position, upto, rung, refused, state,
           to_char(started_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "startedAt",
           to_char(updated_at at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "updatedAt"
    from replay order by id desc limit $1`,
};

/** Stores the progress of a replay. */
export async function noteProgress(
  database: Database,
  { id, position, rung, refused, state }: Pick<Replay, 'id' | 'position' | 'rung' | 'refused' | 'state'>,
): Promise<void> {
  await database.query(progress, [id, position, rung, refused, state]);
}
const progress = {
  name: 'replay-progress',
  text: `
    update replay set pos = $2, rung = $3, refused = $4, state = $5, updated_at = clock_timestamp() where id = $1`,
};

/** Locks a replay for as long as the session lives. False if another process is running it. */
export async function holdReplay(database: Database, id: number): Promise<boolean> {
  // 7,366,529: an arbitrary number, the same in every process.
  const { rows } = await database.query<{ held: boolean }>('select pg_try_advisory_lock(7366529, $1) as held', [id]);
  return rows[0]?.held === true;
}

/**
 * Locks a replay, and returns its progress; null if there is none. Throws an Error if another process is running it.
 */
export async function takeReplay(database: Database, id: number): Promise<Replay | null> {
  if (!(await holdReplay(database, id))) throw new Error(`Replay ${id} is being rung by another process.`);
  return findReplay(database, id);
}
