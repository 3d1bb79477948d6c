import { pg } from './pg.ts';

/** What a query needs: a pool, or one client inside a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>;
export type Pool = pg.Pool;

/** A statement with a name is planned once per connection. */
export type Statement = { name: string; text: string };

const INT8 = 20;

/** int8 as a number: versions and positions stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * 25 s: the server, too, finds out that a machine is gone. By itself it takes more than two hours, in which a dead leader keeps its
 * lock and a dead writer holds up every ring.
 */
const ISO_IN_UTC = `set timezone = 'UTC'; set datestyle = 'ISO'; `;
const FOUND_DEAD = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/**
 * Every statement of the publisher finds its rows by an index. A plan that was cached while a table was empty
 * would scan it for as long as the connection lives (4.3 ms instead of 0.3 for one command at 8,000 shops).
 */
const SESSION =
  'set enable_seqscan = off; set plan_cache_mode = force_generic_plan; set jit = off; ' +
  // A shop that somebody keeps locked must not keep a connection as well.
  `set lock_timeout = '3s'; set statement_timeout = '10s'; ` +
  // A process that dies in the middle of a command keeps its locks no longer: every ring behind them waits.
  `set idle_in_transaction_session_timeout = '10s'; ` +
  FOUND_DEAD;

/** Where the database is, and how many connections there may be. */
export type PoolOptions = {
  connectionString: string;
  max?: number;
  /** Milliseconds to wait for a connection. */
  patience?: number;
  /** Milliseconds to wait for an answer, 0 for ever; 15,000 where nothing is said: a database that doesn't even say that it timed out. */
  answer?: number;
  onError?: (error: Error) => void;
};

/** A pool on PostgreSQL. `onError` hears of connections that die while idle; the pool replaces them. */
export function openPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    connectionString: options.connectionString,
    max: options.max ?? 10,
    connectionTimeoutMillis: options.patience ?? 5_000,
    query_timeout: options.answer ?? 15_000,
    ...KEPT_ALIVE,
    types,
    onConnect: (client) => client.query(SESSION),
  });
  pool.on('error', options.onError ?? (() => {}));
  return pool;
}

/** A connection that died without a word is noticed: a relay that waits for it for ever would ring nobody. */
const KEPT_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };
const ALIVE = { ...KEPT_ALIVE, query_timeout: 30_000 };

/** For migrations, as the owner of the schema: an index over many millions of shops takes as long as it takes. */
export function openOwner(connectionString: string): Pool {
  return openPool({ connectionString, max: 1, answer: 0 });
}

/** A connection of its own, outside the pool: for locks that last as long as the session. */
export async function openClient(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, types, ...ALIVE });
  return connect(client, FOUND_DEAD);
}

/** A session in replication mode, which reads the write-ahead log: in UTC and ISO dates, whatever the server's are. */
export async function openReplication(connectionString: string): Promise<pg.Client> {
  const mode = { replication: 'database', connectionTimeoutMillis: 5_000, ...KEPT_ALIVE };
  return connect(new pg.Client({ connectionString, ...mode }), ISO_IN_UTC + FOUND_DEAD);
}

async function connect(client: pg.Client, settings: string): Promise<pg.Client> {
  // A connection that dies between two queries says so here, and the next query fails; it must not end the process.
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(settings);
    return client;
  } catch (error) {
    await client.end().catch(() => undefined);
    throw error;
  }
}

/**
 * By index and row by row: what walks through the whole event table asks for little at a time. A plan that gathers pages
 * first (bitmap scan) reads all of a shop's later events for each of them: 25,000 events of one shop took a minute.
 */
const WALK = 'set enable_seqscan = off; set enable_bitmapscan = off; set jit = off';

/** A connection of its own for walking through the event table. */
export async function openWalker(connectionString: string): Promise<pg.Client> {
  const client = await openClient(connectionString);
  await client.query(WALK);
  return client;
}

/** Runs `work` in one transaction: committed if it returns, rolled back if it throws. */
export async function transaction<Result>(pool: Pool, work: (database: Database) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    await client.query('rollback').catch((cause: Error) => {
      broken = cause;
    });
    throw error;
  } finally {
    client.release(broken);
  }
}

/**
 * Whether a database is away: not found, not reached, refused, reset or cut (Node); out of disk, memory or connections,
 * shut down or starting up, too long for a lock or an answer (PostgreSQL classes 53, 57P and 08, 55P03, 57014); or no
 * answer at all (pg).
 */
export function isDatabaseAway({ code, message }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string')
    return /^(E(CONNREFUSED|CONNRESET|PIPE|TIMEDOUT|NOTFOUND|AI_AGAIN|HOSTUNREACH|NETUNREACH)|57P0[123]|57014|55P03|53\w{3}|08\w{3})$/.test(
      code,
    );
  return /^(Connection terminated|timeout exceeded when trying to connect|Query read timeout)/.test(message);
}

/** Whether a database doesn't take our user or password (PostgreSQL class 28), as after a rotation; a replica's is a cause. */
export function isDatabaseRefusing({ code, cause }: Error & { code?: unknown }): boolean {
  if (typeof code === 'string' && /^28\w{3}$/.test(code)) return true;
  return cause instanceof Error && isDatabaseRefusing(cause);
}
