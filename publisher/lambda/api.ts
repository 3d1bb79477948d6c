import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { createRateLimit } from '../http/rate-limit.ts';
import { systemIds } from '../ids.ts';
import { type DatabaseAddress, openPool, type Pool } from '../postgres/database.ts';
import { isDatabaseRefusing } from '../postgres/faults.ts';
import { createAnnounce } from '../relay/announce.ts';
import { createApp } from '../shops/api/app.ts';
import { COMMITTED } from '../shops/store/shop-log.ts';
import type { Clock } from '../system.ts';
import type { ApiConfig } from './config.ts';

/** Addresses of the databases. */
export type DatabaseUrls = { primary: DatabaseAddress; replica: DatabaseAddress | undefined };

/** Answer to API Gateway, a load balancer or a function URL. */
export type LambdaAnswer = Awaited<ReturnType<ReturnType<typeof handle>>>;

/** The publisher's API, put together for one sandbox. */
export type ApiFunction = {
  /** Resolves when the commits are announced, too: a sandbox is frozen once it has answered. */
  answer: (event: LambdaEvent, context?: LambdaContext) => Promise<LambdaAnswer>;
  /** True if the database refused our credentials: its secret may have changed. */
  wasRefused: () => boolean;
  close: () => void;
};

/** 2 connections: a sandbox answers one request at a time, and may send an announcement beside it. */
const CONNECTIONS = 2;

/** Puts the API together. It connects at the first request. */
export function assembleApi(
  config: ApiConfig,
  urls: DatabaseUrls,
  { now }: Clock,
  tell: (error: Error) => void,
): ApiFunction {
  let isRefused = false;
  const onError = (error: Error) => {
    isRefused ||= isDatabaseRefusing(error);
    tell(error);
  };
  const pool = openPool({ ...urls.primary, max: CONNECTIONS, onError });
  const replica = urls.replica === undefined ? null : openReplica(urls.replica, onError);
  const { onCommitted, announced } = createAnnouncements(pool, onError);
  const answer = handle(
    createApp({
      pool,
      ids: systemIds,
      onCommitted,
      metrics: async () => '# The relay is a function of its own: its RelayLag is in CloudWatch.\n',
      tokensFor: (agreement) => config.tokens[agreement] ?? [],
      operatorTokens: config.operatorTokens,
      limit: createRateLimit(config.rateLimit, now),
      // A function that waits is paid for.
      feedWait: 0,
      onError,
      ...(replica && { replica: { pool: replica, now } }),
    }),
  );
  return {
    async answer(event, context) {
      const answered = await answer(event, context);
      await announced();
      return answered;
    },
    wasRefused: () => isRefused,
    close() {
      for (const each of [pool, replica]) each?.end().catch(onError);
    },
  };
}

function openReplica(place: DatabaseAddress, onError: (error: Error) => void): Pool {
  return openPool({ ...place, isReplica: true, max: CONNECTIONS, patience: 2_000, onError });
}

function createAnnouncements(pool: Pool, onError: (error: Error) => void) {
  let underWay: Promise<unknown> = Promise.resolve();
  const query = (text: string) => {
    const asked = pool.query(text);
    underWay = asked.catch(() => undefined);
    return asked;
  };
  return {
    onCommitted: createAnnounce({ query } as Pick<Pool, 'query'>, COMMITTED, onError),
    announced: () => underWay,
  };
}
