import { createSnsPublish, type TopicOptions } from './brokers/sns.ts';
import type { PublisherConfig, RelayKind } from './config.ts';
import { type Listening, listen } from './http/listen.ts';
import { createRateLimit } from './http/rate-limit.ts';
import { systemIds } from './ids.ts';
import { KEEP_ALIVE } from './keep-alive.ts';
import { createRelayMetrics } from './metrics.ts';
import { checkPlace, openPool, openRelayClient, openReplication } from './postgres/database.ts';
import { createAnnounce } from './relay/announce.ts';
import { logRelay } from './relay/log/log-relay.ts';
import { openPositionRelay } from './relay/position-relay.ts';
import type { OpenRelay, RelayEvent } from './relay/relay.ts';
import { type RunRelayDeps, runRelay } from './relay/run-relay.ts';
import { createWake } from './relay/wake.ts';
import { createApp } from './shops/api/app.ts';
import { prepare } from './shops/store/prepare.ts';
import { COMMITTED, shopLog } from './shops/store/shop-log.ts';
import { systemClock } from './system.ts';
import { RATE_LIMIT } from './variables.ts';
import { isDoneWithin } from './within.ts';

/** Parts that a publisher is given besides its configuration. */
export type PublisherParts = {
  /** Settings for the embedded broker; the SDK's own configuration otherwise. */
  sns?: TopicOptions['client'];
  /** Most milliseconds that a request for the feed waits; 25,000 by default. */
  feedWait?: number | undefined;
  onRelay: (event: RelayEvent) => void;
  onError: (error: Error) => void;
};

/**
 * A running publisher. `relay` settles when the relay ends: after `stop`, or with the reason why it can't go on. `stop`
 * returns true if everything ended in time.
 */
export type Publisher = {
  listening: Listening;
  fetch: (request: Request) => Promise<Response>;
  relay: Promise<void>;
  stop: () => Promise<boolean>;
};

/** 5 s to wait for the database; if it is away then, the API answers 503 until it is there. */
const START = 5_000;
/** 7 s to stop, as a consumer: a database that doesn't answer would keep the process for minutes. */
const STOP = 7_000;

/**
 * Puts the publisher together and starts it: schema, API and relay in one process. It waits for a database that is
 * away. Throws PortTaken, and faults that waiting can't mend.
 */
export async function startPublisher(
  config: PublisherConfig,
  { sns, feedWait, onRelay, onError }: PublisherParts,
): Promise<Publisher> {
  checkPlaces(config);
  const pool = openPool({ connectionString: config.databaseUrl, onError });
  const replica = openReplica(config, onError);
  const closePools = () => Promise.all([pool.end(), replica?.pool.end()]);
  const wake = createWake(systemClock);
  const metrics = createRelayMetrics(systemClock.now);
  const announce = createAnnounce(pool, COMMITTED, onError);
  const now = { isLeading: false, isReady: false };
  const app = createApp({
    pool,
    ids: systemIds,
    onCommitted() {
      wake.wake();
      if (!now.isLeading) announce();
    },
    isReady: () => now.isReady,
    metrics: metrics.text,
    tokensFor: (agreement) => config.tokens[agreement] ?? [],
    operatorTokens: config.operatorTokens,
    limit: createRateLimit(config.rateLimit ?? RATE_LIMIT, systemClock.now),
    feedWait,
    onError,
    ...(replica && { replica }),
  });
  const kept = { keepAliveTimeout: (config.keepAlive ?? KEEP_ALIVE) * 1_000 };
  // Listen before calling the database: meanwhile the API answers that it waits.
  const listening = await listen(app, config.port, config.host, systemClock, kept).catch(async (error) => {
    await closePools();
    throw error;
  });
  const { topicArn, messageGroups = false } = config;
  const topic = createSnsPublish({ topicArn, messageGroups, ...(sns && { client: sns }) });
  const stopping = new AbortController();
  const preparing = startPreparing(config, onError, stopping.signal);
  const observe = (event: RelayEvent) => {
    if (event.kind === 'leading') now.isLeading = true;
    if (event.kind === 'failed' || event.kind === 'standing-by') now.isLeading = false;
    metrics.observe(event);
    onRelay(event);
  };
  const relay = preparing.prepared.then((isPrepared) => {
    now.isReady = isPrepared;
    return isPrepared ? relayUntil(stopping.signal, config, { publish: topic.publish, wake, observe }) : undefined;
  });
  relay.catch(() => undefined);

  async function stopAll(): Promise<void> {
    await listening.close();
    stopping.abort();
    await relay.catch(() => undefined);
    topic.close();
    await closePools();
  }
  const stop = () => isDoneWithin(systemClock, STOP, stopAll());
  await isDoneWithin(systemClock, START, preparing.tried).catch(async (error) => {
    await stop();
    throw error;
  });
  return { listening, fetch: async (request) => app.fetch(request), relay, stop };
}

/** Checks the files that URLs name. A missing file is a mistake in the configuration, not a database that is away. */
function checkPlaces({ databaseUrl, databaseAdminUrl, databaseReadUrl, relayUrl }: PublisherConfig): void {
  const places = {
    DATABASE_URL: databaseUrl,
    DATABASE_ADMIN_URL: databaseAdminUrl,
    DATABASE_READ_URL: databaseReadUrl,
    DATABASE_RELAY_URL: relayUrl,
  };
  for (const [name, connectionString] of Object.entries(places))
    if (connectionString !== undefined) checkPlace({ connectionString }, name);
}

/**
 * State of the preparation. `prepared`: the schema is up to date; false if stopped before. `tried`: it is up to date,
 * or the database is away. Both reject for faults that waiting can't mend.
 */
type Preparing = { prepared: Promise<boolean>; tried: Promise<unknown> };

function startPreparing(config: PublisherConfig, onError: (error: Error) => void, signal: AbortSignal): Preparing {
  const away = Promise.withResolvers<void>();
  const owner = { connectionString: config.databaseAdminUrl ?? config.databaseUrl };
  const onAway = (error: Error) => {
    away.resolve();
    onError(error);
  };
  const prepared = prepare({ owner, clock: systemClock, onAway }, signal).then((applied) => applied !== null);
  return { prepared, tried: Promise.race([prepared, away.promise]) };
}

type RelayParts = Pick<RunRelayDeps, 'publish' | 'wake' | 'observe'>;

function relayUntil(signal: AbortSignal, config: PublisherConfig, parts: RelayParts): Promise<void> {
  const { databaseUrl, relayUrl = databaseUrl, relay = 'position', channels } = config;
  const connect = () => openRelayClient(relayUrl);
  const open = relayOf(relay, relayUrl, parts.wake.wake);
  // If the host is the same, updating the schema has shown that it is no standby.
  const hasStarted = new URL(relayUrl).host === new URL(config.databaseAdminUrl ?? databaseUrl).host;
  return runRelay({ ...parts, connect, openLog: shopLog, open, clock: systemClock, channels, hasStarted }, signal);
}

function relayOf(kind: RelayKind, url: string, onReady: () => void): OpenRelay {
  return kind === 'position' ? openPositionRelay : logRelay({ connect: () => openReplication(url), onReady });
}

/** 2 s to find out that a replica is away: a consumer waits at most 5 s for an answer. */
function openReplica({ databaseReadUrl }: PublisherConfig, onError: (error: Error) => void) {
  if (databaseReadUrl === undefined) return undefined;
  const options = { connectionString: databaseReadUrl, isReplica: true, patience: 2_000, onError };
  return { pool: openPool(options), now: systemClock.now };
}
