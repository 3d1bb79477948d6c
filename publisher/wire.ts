import { createApp } from './api/app.ts';
import { createRateLimit } from './api/rate-limit.ts';
import type { PublisherConfig, RelayKind } from './config.ts';
import { type Listening, listen } from './listen.ts';
import { createRelayMetrics } from './metrics.ts';
import { createAnnounce } from './relay/announce.ts';
import { logRelay } from './relay/log/log-relay.ts';
import { openPositionRelay } from './relay/position-relay.ts';
import type { OpenRelay, RelayEvent } from './relay/relay.ts';
import { runRelay } from './relay/run-relay.ts';
import { createWake } from './relay/wake.ts';
import { createSnsPublish, type TopicOptions } from './sns.ts';
import { openClient, openOwner, openPool, openReplication } from './store/database.ts';
import { migrate } from './store/migrate.ts';
import { systemClock, systemIds } from './system.ts';
import { KEEP_ALIVE, RATE_LIMIT } from './variables.ts';

/** What a publisher is given besides its configuration. */
export type PublisherParts = {
  /** For the embedded broker; the SDK's own configuration otherwise. */
  sns?: TopicOptions['client'];
  onRelay: (event: RelayEvent) => void;
  onError: (error: Error) => void;
};

/** A publisher that runs. `relay` settles when the relay ends: after `stop`, or with the reason why it can't go on. */
export type Publisher = {
  listening: Listening;
  fetch: (request: Request) => Promise<Response>;
  relay: Promise<void>;
  stop: () => Promise<void>;
};

/** Puts the publisher together and starts it: schema, API and relay in one process. Throws PortTaken. */
export async function startPublisher(
  config: PublisherConfig,
  { sns, onRelay, onError }: PublisherParts,
): Promise<Publisher> {
  await bringUpToDate(config.databaseAdminUrl ?? config.databaseUrl);
  const pool = openPool({ connectionString: config.databaseUrl, onError });
  const replica = openReplica(config, onError);
  const closePools = () => Promise.all([pool.end(), replica?.pool.end()]);
  const wake = createWake(systemClock);
  const metrics = createRelayMetrics(systemClock.now);
  const announce = createAnnounce(pool, onError);
  let isLeading = false;
  const app = createApp({
    pool,
    ids: systemIds,
    onCommitted() {
      wake.wake();
      if (!isLeading) announce();
    },
    metrics: metrics.text,
    tokensFor: (agreement) => config.tokens[agreement] ?? [],
    operatorTokens: config.operatorTokens,
    limit: createRateLimit(config.rateLimit ?? RATE_LIMIT, systemClock.now),
    onError,
    ...(replica && { replica }),
  });
  const kept = { keepAliveTimeout: (config.keepAlive ?? KEEP_ALIVE) * 1_000 };
  const listening = await listen(app, config.port, config.host, systemClock, kept).catch(async (error) => {
    await closePools();
    throw error;
  });
  const { topicArn, messageGroups = false } = config;
  const topic = createSnsPublish({ topicArn, messageGroups, ...(sns && { client: sns }) });
  const stopping = new AbortController();
  const { relayUrl = config.databaseUrl } = config;
  const relay = runRelay(
    {
      connect: () => openClient(relayUrl),
      open: relayOf(config.relay ?? 'position', relayUrl, wake.wake),
      publish: topic.publish,
      clock: systemClock,
      lanes: config.lanes,
      wake,
      observe(event) {
        if (event.kind === 'leading') isLeading = true;
        if (event.kind === 'failed' || event.kind === 'standing-by') isLeading = false;
        metrics.observe(event);
        onRelay(event);
      },
    },
    stopping.signal,
  );
  relay.catch(() => undefined);
  return {
    listening,
    fetch: async (request) => app.fetch(request),
    relay,
    async stop() {
      await listening.close();
      stopping.abort();
      await relay.catch(() => undefined);
      topic.close();
      await closePools();
    },
  };
}

function relayOf(kind: RelayKind, url: string, onReady: () => void): OpenRelay {
  return kind === 'position' ? openPositionRelay : logRelay({ connect: () => openReplication(url), onReady });
}

/** On connections of its own, closed before anything else begins: whoever owns the schema answers no request. */
async function bringUpToDate(connectionString: string): Promise<void> {
  const owner = openOwner(connectionString);
  await migrate(owner).finally(() => owner.end());
}

/** 2 s to find out that a replica is away: a consumer waits for an answer for no more than 5. */
function openReplica({ databaseReadUrl }: PublisherConfig, onError: (error: Error) => void) {
  if (databaseReadUrl === undefined) return undefined;
  return { pool: openPool({ connectionString: databaseReadUrl, patience: 2_000, onError }), now: systemClock.now };
}
