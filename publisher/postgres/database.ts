import { once } from 'node:events';
import { NoSession } from './faults.ts';
import { pg } from './pg.ts';

/** The part of PostgreSQL's client that a query needs: a pool has it, and so has a client inside a transaction. */
export type Database = Pick<pg.ClientBase, 'query'>;
export type Pool = pg.Pool;

/** A statement with a name, which PostgreSQL plans once per connection. */
export type NamedStatement = { name: string; text: string };

const INT8 = 20;

/** Reads int8 as a number: versions and positions stay far below 2^53. */
const types: pg.CustomTypesConfig = {
  getTypeParser: ((oid: number, format: 'text') =>
    oid === INT8 ? Number : pg.types.getTypeParser(oid, format)) as pg.CustomTypesConfig['getTypeParser'],
};

/**
 * 25 s until the server, too, finds out that a machine is gone. By default it takes more than two hours, in which a
 * dead leader keeps its lock and a dead writer holds up every ring.
 */
const ISO_IN_UTC = `set timezone = 'UTC'; set datestyle = 'ISO'; `;
const FOUND_DEAD = 'set tcp_keepalives_idle = 10; set tcp_keepalives_interval = 5; set tcp_keepalives_count = 3';

/**
 * Settings of every session. Every statement of the publisher finds its rows by an index. A plan cached while a table
 * was empty would scan the table as long as the connection lives (4.3 ms instead of 0.3 for one command at 8,000
 * shops).
 */
const SESSION =
  'set enable_seqscan = off; set plan_cache_mode = force_generic_plan; set jit = off; ' +
  // A command that waits for a locked row must not hold a connection for long.
  `set lock_timeout = '3s'; set statement_timeout = '10s'; ` +
  // A process that dies in the middle of a command must not keep its locks: every ring behind them waits.
  `set idle_in_transaction_session_timeout = '10s'; ` +
  FOUND_DEAD;

/** Address of a database: its URL and, where no file holds them, the certificates (PEM) of its CA. */
export type DatabaseAddress = { connectionString: string; ca?: string | undefined };

/** Address of the database, and the number of connections. */
export type PoolOptions = DatabaseAddress & {
  max?: number;
  /** Milliseconds to wait for a free connection. */
  patience?: number;
  /**
   * Milliseconds to wait for an answer, 0 for ever; 15,000 by default. Covers a database too far gone to report its own
   * timeout.
   */
  answer?: number;
  /**
   * True to accept sessions on a standby, for reading. By default they are refused: a standby refuses every command.
   */
  isReplica?: boolean;
  onError?: (error: Error) => void;
};

/** Opens a pool on PostgreSQL. `onError` is called for connections that die while idle; the pool replaces them. */
export function openPool(options: PoolOptions): Pool {
  const pool = new pg.Pool({
    ...wayTo(options),
    max: options.max ?? 10,
    connectionTimeoutMillis: options.patience ?? 5_000,
    query_timeout: options.answer ?? 15_000,
    ...KEPT_ALIVE,
    types,
    onConnect: (client) => client.query(options.isReplica ? SESSION : `${SESSION}; ${TAKES_WRITES}`),
  });
  pool.on('error', options.onError ?? (() => {}));
  tellNoSession(pool);
  endWithSessions(pool);
  return pool;
}

/** Builds pg's connection settings. A mode that pg treats as verify-full, with a warning, is passed as verify-full. */
function wayTo({ connectionString, ca }: DatabaseAddress): pg.ClientConfig {
  if (ca === undefined)
    return {
      connectionString: connectionString.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full'),
    };
  const url = new URL(connectionString);
  // pg takes TLS settings from the URL alone if the URL has any.
  for (const name of ['sslmode', 'sslrootcert', 'ssl', 'uselibpqcompat']) url.searchParams.delete(name);
  return { connectionString: url.href, ssl: { ca } };
}

/** Checks a database's URL and the files that it names, without connecting. Throws an Error that says what is wrong. */
export function checkPlace(place: DatabaseAddress, name: string): void {
  try {
    new pg.Client(wayTo(place));
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}

type Hear = Parameters<Pool['connect']>[0];

/** Turns failures before a session stands into NoSession, for borrowed clients and for the pool's own queries. */
function tellNoSession(pool: Pool): void {
  const connect = pool.connect.bind(pool);
  const borrow = (hear: Hear) => {
    try {
      connect((error, client, done) => hear(error && new NoSession(error), client, done));
    } catch (error) {
      hear(new NoSession(error as Error), undefined, () => {});
    }
  };
  pool.connect = ((hear?: Hear) => {
    if (hear !== undefined) return borrow(hear);
    return new Promise<pg.PoolClient>((resolve, reject) => {
      borrow((error, client) => (client === undefined ? reject(error) : resolve(client)));
    });
  }) as Pool['connect'];
}

/** Makes `end` wait for the sessions: a pool reports its end earlier, and a hung server keeps the process alive. */
function endWithSessions(pool: Pool): void {
  const open = new Set<Promise<unknown>>();
  pool.on('connect', (client) => {
    const ended = once(client, 'end').catch(() => undefined);
    open.add(ended);
    void ended.finally(() => open.delete(ended));
  });
  const end = pool.end.bind(pool);
  pool.end = (async () => {
    await end();
    await Promise.all(open);
  }) as Pool['end'];
}

/** Message of the error for a standby. */
export const STANDBY = 'the database is a standby, which takes no writes';

/**
 * Raises 25006 where nothing can be written: on a standby, and where an administrator made everything read-only. The
 * test is that of libpq's `target_session_attrs`.
 */
const TAKES_WRITES = `do $$ begin
  if pg_is_in_recovery() then raise exception using errcode = '25006', message = '${STANDBY}'; end if;
  if current_setting('transaction_read_only') = 'on' then
    raise exception using errcode = '25006', message = 'the database is read-only';
  end if;
end $$`;

/** Checks that commands could be written now. Throws an error that is answered with 503 if not. */
export async function requireWrites(database: Database): Promise<void> {
  await database.query(TAKES_WRITES);
}

/** Keepalive finds dead connections: a relay that waited for one for ever would ring no consumer. */
const KEPT_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * Opens a pool for migrations, as the owner of the schema, without time limits: an index over many millions of shops
 * takes long.
 */
export function openOwner(connectionString: string, ca?: string): Pool {
  return openPool({ connectionString, ca, max: 1, answer: 0 });
}

/** Opens a connection outside the pool, for locks that last as long as the session. */
export async function openClient(connectionString: string, ca?: string, answer = 30_000): Promise<pg.Client> {
  const patience = { connectionTimeoutMillis: CONNECT, query_timeout: answer };
  return connect({ ...wayTo({ connectionString, ca }), types, ...KEPT_ALIVE, ...patience }, FOUND_DEAD);
}

/** 5 s until a session must be open. */
const CONNECT = 5_000;

/**
 * 6 s for an answer. That is less than a command waits (15 s), because every ring waits behind the relay's one session.
 * It is more than the 5 s that a new replication slot may take.
 */
export const RELAY_PATIENCE = 6_000;

/** Opens the session of a relay. */
export function openRelayClient(connectionString: string, ca?: string): Promise<pg.Client> {
  return openClient(connectionString, ca, RELAY_PATIENCE);
}

/**
 * Opens a session in replication mode, which reads the write-ahead log. It uses UTC and ISO dates, whatever the
 * server's settings are.
 */
export async function openReplication(connectionString: string): Promise<pg.Client> {
  const mode = { replication: 'database', connectionTimeoutMillis: CONNECT, ...KEPT_ALIVE };
  return connect({ ...wayTo({ connectionString }), ...mode }, ISO_IN_UTC + FOUND_DEAD);
}

async function connect(config: pg.ClientConfig, settings: string): Promise<pg.Client> {
  const client = new pg.Client(config);
  // A connection that dies between two queries raises this event, and the next query fails. It must not end the
  // process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(settings);
    return client;
  } catch (error) {
    // Not awaited: a silent server does not confirm the end either.
    client.end().catch(() => undefined);
    throw new NoSession(error as Error);
  }
}

/**
 * Planner settings for reading by index and row by row: a walk through the whole event table asks for little at a time.
 * A plan that gathers pages first (bitmap scan) reads all of a shop's later events for each of them: 25,000 events of
 * one shop took a minute.
 */
const WALK = 'set enable_seqscan = off; set enable_bitmapscan = off; set jit = off';

/** Opens a connection of its own for walking through the event table. */
export async function openWalker(connectionString: string): Promise<pg.Client> {
  const client = await openClient(connectionString);
  await client.query(WALK);
  return client;
}
