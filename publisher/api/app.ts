import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { requestId } from 'hono/request-id';
import { secureHeaders } from 'hono/secure-headers';
import { ProblemError } from '../../contracts/problem.ts';
import { explainProblem } from '../../contracts/problem-response.ts';
import type { Shop } from '../domain/shop.ts';
import { sources as allSources, type SourceDefinition } from '../sources/all.ts';
import { type Source, sourceRoutes } from '../sources/source-routes.ts';
import { type Database, type Pool, requireWrites } from '../store/database.ts';
import { readBuckets } from '../store/read-buckets.ts';
import { readShopPage, readShops, type ShopRow } from '../store/read-shops.ts';
import { createReads, type Reads } from '../store/reads.ts';
import { type CommandRouteDeps, commandRoutes } from './command-routes.ts';
import { documentRoutes } from './document-routes.ts';
import { answerProblem, notBefore } from './problems.ts';
import type { RateLimit } from './rate-limit.ts';
import { shopRoutes } from './shop-routes.ts';
import { bearerToken } from './token.ts';

/** What the API needs. */
export type AppDeps = CommandRouteDeps & {
  /** Digests of the tokens that are good for an agreement, by its name; null lets everybody in. */
  tokensFor: (agreement: string) => readonly string[] | null;
  /** Digests of the tokens that are good for commands, state and history; null lets everybody in. */
  operatorTokens: readonly string[] | null;
  /** How many requests each token may send. */
  limit: RateLimit;
  /** A read replica for the source APIs, and the time in milliseconds; without it they read from the pool, too. */
  replica?: { pool: Pool; now: () => number };
  /** What is shown to whom; all there is where nothing is said. */
  sources?: readonly SourceDefinition[];
  /** Whether the database was there already, and is up to date: until then everything is answered 503. It is, where nothing is said. */
  isReady?: () => boolean;
  /** What the relay counts, in the text format of Prometheus. */
  metrics: () => Promise<string>;
  /** Hears of every answer of 500 and above, with its cause. */
  onError: (error: Error) => void;
};

/** 256 KiB: a shop with a full menu of 200 items with names and notes in Hangul has about 140. */
const BODY_LIMIT = 256 * 1024;

/** Prometheus exposition formats, text version 0.0.4. */
const METRICS = 'text/plain; version=0.0.4; charset=utf-8';

/** Commands, state and history, and whatever comes to stand beside them. */
const OPERATOR_PATHS = ['/shops/*', '/owners/*', '/metrics'];

/** The publisher's HTTP API: commands, history, and one source API per agreement. */
export function createApp(deps: AppDeps): Hono {
  const app = new Hono();
  app.use(requestId(), secureHeaders(), bodyLimit({ maxSize: BODY_LIMIT, onError: tooLarge }));
  app.onError((error, c) => answerProblem(error, c, deps.onError));
  app.notFound((c) => {
    throw new ProblemError('not-found', `Nothing answers ${c.req.method} ${c.req.path} here.`);
  });

  app.get('/problems/:code', explainProblem);
  app.route('/', documentRoutes());
  app.use(notBefore(deps.isReady));
  app.get('/healthz', async (c) => {
    await requireWrites(deps.pool);
    return c.json({ status: 'ok' });
  });
  const { sources = allSources } = deps;
  const reads = readsOf(deps);
  for (const source of sources) app.route('/', sourceRoutes(source.agreement, sourceOf(deps, reads, source)));
  const operators = bearerToken(deps.operatorTokens, { name: 'operator', limit: deps.limit });
  for (const path of OPERATOR_PATHS) app.use(path, operators);
  app.get('/metrics', async (c) => c.text(await deps.metrics(), 200, { 'content-type': METRICS }));
  app.route('/', commandRoutes(deps));
  app.route('/', shopRoutes(deps.pool));
  return app;
}

function readsOf({ pool, replica, onError }: AppDeps): Reads {
  if (replica === undefined) return (read) => read(pool);
  return createReads({ replica: replica.pool, primary: pool, now: replica.now, onError });
}

function sourceOf(
  { pool, replica, tokensFor, limit, onError }: AppDeps,
  reads: Reads,
  { agreement, select }: SourceDefinition,
): Source<Shop, unknown> {
  const living = ({ id, version, closed, state }: ShopRow) => ({ id, version, state: closed ? null : state });
  const read = async (database: Database, ids: readonly string[]) => (await readShops(database, ids)).map(living);
  return {
    read: (ids) => reads((database) => read(database, ids)),
    ...(replica && { primary: { read: (ids: readonly string[]) => read(pool, ids), now: replica.now } }),
    readPage: async (after, limit) => (await reads((database) => readShopPage(database, after, limit))).map(living),
    readBuckets: (prefixes) => reads((database) => readBuckets(database, prefixes)),
    select,
    tokens: tokensFor(agreement.name),
    limit,
    onError: (error, c) => answerProblem(error, c, onError),
    onFault: onError,
  };
}

function tooLarge(): never {
  throw new ProblemError('too-large', `A body has at most ${BODY_LIMIT / 1024} KiB; send less.`);
}
