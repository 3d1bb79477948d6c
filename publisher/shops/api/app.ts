import { Hono } from 'hono';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { commandBodyLimit } from '../../../contracts/shops/commands.ts';
import { shopServiceProblems } from '../../../contracts/shops/problems.ts';
import { ProblemError } from '../../../contracts/wire/problem.ts';
import { explainProblem } from '../../../contracts/wire/problem-response.ts';
import { createFeed } from '../../feed/feed.ts';
import { feedLog } from '../../feed/feed-log.ts';
import { bodyUpTo, roomForBody } from '../../http/bodies.ts';
import { createByteBudget } from '../../http/byte-budget.ts';
import { answerProblem, notBefore } from '../../http/problems.ts';
import type { RateLimit } from '../../http/rate-limit.ts';
import { bearerToken } from '../../http/token.ts';
import { type Database, type Pool, requireWrites } from '../../postgres/database.ts';
import { createReads, type Reads } from '../../postgres/reads.ts';
import { sourceRoutes } from '../../source-api/routes.ts';
import type { Feed, RowSource, SourceSettings } from '../../source-api/source.ts';
import { systemClock } from '../../system.ts';
import type { Shop } from '../domain/shop.ts';
import { sources as allSources, type SourceDefinition } from '../sources/all.ts';
import { readBuckets } from '../store/read-buckets.ts';
import { readShopPage, readShops, type ShopRow } from '../store/read-shops.ts';
import { shopFeedTables } from '../store/shop-log.ts';
import { type CommandRouteDeps, commandRoutes } from './command-routes.ts';
import { documentRoutes } from './document-routes.ts';
import { explainDomainError } from './explain-domain-error.ts';
import { shopRoutes } from './shop-routes.ts';

/** Dependencies of the API. */
export type AppDeps = CommandRouteDeps & {
  /** Finds the digests of the tokens that are valid for an agreement, by its name; null allows every request. */
  tokensFor: (agreement: string) => readonly string[] | null;
  /** Digests of the tokens that are valid for commands, state and history; null allows every request. */
  operatorTokens: readonly string[] | null;
  /** Number of requests that each token may send. */
  limit: RateLimit;
  /** A read replica for the source APIs, and the time in milliseconds; without it they read from the pool, too. */
  replica?: { pool: Pool; now: () => number };
  /** Agreements to serve, with the fields of each; all by default. */
  sources?: readonly SourceDefinition[];
  /**
   * True once the database was there and is up to date. Until then every request is answered with 503. Always true by
   * default.
   */
  isReady?: () => boolean;
  /** Most milliseconds that a request for the feed waits; 25,000 by default. */
  feedWait?: number | undefined;
  /** Metrics of the relay, in the text format of Prometheus. */
  metrics: () => Promise<string>;
  /** Called for every answer of 500 and above, with its cause. */
  onError: (error: Error) => void;
};

/**
 * 48 MiB each for large answers and for large bodies: enough to make eight of the largest answers at once, and to read
 * 14 of the largest commands. With Node's own memory that stays far below 512 MB (docs/deploy.md, Sizing).
 */
const ROOM = 48 * 1024 * 1024;

/** Prometheus exposition formats, text version 0.0.4. */
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/** Paths for operators: commands, state and history, and future paths beside them. */
const OPERATOR_PATHS = ['/shops/*', '/owners/*', '/metrics'];

/** Makes the publisher's HTTP API: commands, history, and one source API per agreement. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.use(requestId(), secureHeaders());
  app.onError((error, c) => answerProblem(explainDomainError(error), c, deps.onError));
  app.notFound((c) => {
    const { method, path } = c.req;
    return answerProblem(new ProblemError('not-found', `Nothing answers ${method} ${path} here.`), c, deps.onError);
  });

  app.get('/problems/:code', explainProblem(shopServiceProblems));
  app.route('/', documentRoutes());
  app.use(notBefore(deps.isReady));
  app.get('/healthz', async (c) => {
    await requireWrites(deps.pool);
    return c.json({ status: 'ok' });
  });
  const { sources = allSources } = deps;
  const reads = readsOf(deps);
  const answers = createByteBudget(ROOM);
  const feed = feedOf(deps);
  for (const source of sources)
    app.route('/', sourceRoutes(source.agreement, { ...sourceOf(deps, reads, source), feed, answers }));
  const operators = bearerToken(deps.operatorTokens, { name: 'operator', limit: deps.limit });
  const [most, bodies] = [commandBodyLimit(), createByteBudget(ROOM)];
  // A body is read only after the token was checked.
  for (const path of OPERATOR_PATHS) app.use(path, operators, roomForBody(bodies, most), bodyUpTo(most));
  app.get('/metrics', async (c) => c.text(await deps.metrics(), 200, { 'content-type': METRICS }));
  app.route('/', commandRoutes(deps));
  app.route('/', shopRoutes(deps.pool, answers));
  return app;
}

function readsOf({ pool, replica, onError }: AppDeps): Reads {
  if (replica === undefined) return (read) => read(pool);
  return createReads({ replica: replica.pool, primary: pool, now: replica.now, onError });
}

/**
 * The feed of all agreements. It reads the primary, which knows who still writes. It begins where the replica is, since
 * pages come from there: what the replica lacks must come after the cursor.
 */
function feedOf({ pool, replica, feedWait }: AppDeps): Feed {
  const on = (database: Database) => {
    const log = feedLog(shopFeedTables, async (statement, values) => (await database.query(statement, values)).rows);
    return createFeed(log, { clock: systemClock, ...(feedWait !== undefined && { mostWait: feedWait }) });
  };
  const feed = on(pool);
  if (replica === undefined) return feed;
  const beginning = on(replica.pool);
  return { read: (want) => (want.after === undefined ? beginning : feed).read(want) };
}

function sourceOf(
  { pool, replica, tokensFor, limit, onError }: AppDeps,
  reads: Reads,
  { agreement, select }: SourceDefinition,
): RowSource<Shop> & SourceSettings<Shop, unknown> {
  const living = ({ id, version, closed, state }: ShopRow) => ({ id, version, state: closed ? null : state });
  const read = async (database: Database, ids: readonly string[]) => (await readShops(database, ids)).map(living);
  return {
    read: (ids) => reads((database) => read(database, ids)),
    ...(replica && { primary: { read: (ids: readonly string[]) => read(pool, ids), now: replica.now } }),
    readPage: async (after, limit) =>
      (await reads((database) => readShopPage(database, after, limit))).rows.map(living),
    readBuckets: (prefixes) => reads((database) => readBuckets(database, prefixes)),
    select,
    tokens: tokensFor(agreement.name),
    limit,
    onError: (error, c) => answerProblem(error, c, onError),
    onFault: onError,
  };
}
