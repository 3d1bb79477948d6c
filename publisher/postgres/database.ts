import { once } from 'node:events';
import { isSessionUseless, NoSession } from './faults.ts';
import { pg } from './pg.ts';

/** Database that queries run on: a pool, or one client inside a transaction. */
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

/** Where a database is: its URL, and the certificates (PEM) of the CA that it is known by, where no file holds them. */
export type Place = { connectionString: string; ca?: string | undefined };

/** Address of the database, and the number of connections. */
export type PoolOptions = Place & {
  max?: number;
  /** Milliseconds to wait for a connection. */
  patience?: number;
  /** Milliseconds to wait for an answer, 0 for ever; 15,000 where nothing is said: a database that doesn't even say that it timed out. */
  answer?: number;
  /** Tells whether sessions on a standby are taken, to read from. By itself none is: it would refuse every command. */
  isReplica?: boolean;
  onError?: (error: Error) => void;
};

/** A pool on PostgreSQL. `onError` hears of connections that die while idle; the pool replaces them. */
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

/** What pg needs to get there. A mode that it takes for verify-full, with a warning, is called so. */
function wayTo({ connectionString, ca }: Place): pg.ClientConfig {
  if (ca === undefined)
    return {
      connectionString: connectionString.replace(/([?&]sslmode=)(prefer|require|verify-ca)(?=&|$)/, '$1verify-full'),
    };
  const url = new URL(connectionString);
  // A URL that says anything of TLS would say all of it.
  for (const name of ['sslmode', 'sslrootcert', 'ssl', 'uselibpqcompat']) url.searchParams.delete(name);
  return { connectionString: url.href, ssl: { ca } };
}

/** Looks at where a database is, and at the files that its URL names, without going there. Throws an Error that says what is wrong. */
export function checkPlace(place: Place, name: string): void {
  try {
    new pg.Client(wayTo(place));
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}

type Hear = Parameters<Pool['connect']>[0];

/** What fails before a session stands says so, to whoever borrows a client and to the pool's own queries. */
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

/** A pool says that it has ended before its sessions have: one whose server hangs would keep the process, and nobody would know. */
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

/** What a standby is told by. */
export const STANDBY = 'the database is a standby, which takes no writes';

/**
 * 25006 where nothing can be written: on a standby, and where somebody made everything read-only. As `target_session_attrs` of libpq.
 */
const TAKES_WRITES = `do $$ begin
  if pg_is_in_recovery() then raise exception using errcode = '25006', message = '${STANDBY}'; end if;
  if current_setting('transaction_read_only') = 'on' then
    raise exception using errcode = '25006', message = 'the database is read-only';
  end if;
end $$`;

/** Asks whether commands could be written now. Throws what answers 503 if not. */
export async function requireWrites(database: Database): Promise<void> {
  await database.query(TAKES_WRITES);
}

/** A connection that died without a word is noticed: a relay that waits for it for ever would ring nobody. */
const KEPT_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/** For migrations, as the owner of the schema: an index over many millions of shops takes as long as it takes. */
export function openOwner(connectionString: string, ca?: string): Pool {
  return openPool({ connectionString, ca, max: 1, answer: 0 });
}

/** A connection of its own, outside the pool: for locks that last as long as the session. */
export async function openClient(connectionString: string, ca?: string, answer = 30_000): Promise<pg.Client> {
  const patience = { connectionTimeoutMillis: CONNECT, query_timeout: answer };
  return connect({ ...wayTo({ connectionString, ca }), types, ...KEPT_ALIVE, ...patience }, FOUND_DEAD);
}

/** 5 s until a session must stand. */
const CONNECT = 5_000;

/**
 * 6 s for an answer: less than a command waits (15 s), because every ring waits behind the relay's one session, and more than the
 * 5 s for which a new replication slot may take.
 */
export const RELAY_PATIENCE = 6_000;

/** The session of a relay. */
export function openRelayClient(connectionString: string, ca?: string): Promise<pg.Client> {
  return openClient(connectionString, ca, RELAY_PATIENCE);
}

/** A session in replication mode, which reads the write-ahead log: in UTC and ISO dates, whatever the server's are. */
export async function openReplication(connectionString: string): Promise<pg.Client> {
  const mode = { replication: 'database', connectionTimeoutMillis: CONNECT, ...KEPT_ALIVE };
  return connect({ ...wayTo({ connectionString }), ...mode }, ISO_IN_UTC + FOUND_DEAD);
}

async function connect(config: pg.ClientConfig, settings: string): Promise<pg.Client> {
  const client = new pg.Client(config);
  // A connection that dies between two queries says so here, and the next query fails; it must not end the process.
  client.on('error', () => {});
  try {
    await client.connect();
    await client.query(settings);
    return client;
  } catch (error) {
    // Not waited for: a server that says nothing doesn't say that it has ended either.
    client.end().catch(() => undefined);
    throw new NoSession(error as Error);
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

/** Runs `work` in one transaction: committed if it returns, rolled back if it throws. A session that became useless is thrown away. */
export async function transaction<Result>(pool: Pool, work: (database: Database) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const note = (error: Error) => {
    broken ??= error;
  };
  // A pool does not listen to what it has lent, and an error that nobody hears ends the process.
  client.on('error', note);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    if (isSessionUseless(error)) note(error as Error);
    // A rollback would wait behind what was never answered.
    if (broken === undefined) await client.query('rollback').catch(note);
    throw error;
  } finally {
    client.release(broken);
    client.off('error', note);
  }
}
