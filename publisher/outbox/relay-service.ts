import { Hono } from 'hono';
import { lackingPackage } from '../../contracts/environment/optional-package.ts';
import { variableReader } from '../../contracts/environment/read.ts';
import type { Environment } from '../../contracts/environment/unknown.ts';
import type { TopicOptions } from '../brokers/sns.ts';
import { type Listening, listen } from '../http/listen.ts';
import { createRelayMetrics } from '../metrics.ts';
import { checkPlace, openRelayClient, openReplication } from '../postgres/database.ts';
import { logRelay } from '../relay/log/log-relay.ts';
import { openPositionRelay } from '../relay/position-relay.ts';
import type { RelayEvent } from '../relay/relay.ts';
import { runRelay } from '../relay/run-relay.ts';
import { createWake } from '../relay/wake.ts';
import { systemClock } from '../system.ts';
import { isDoneWithin } from '../within.ts';
import { outboxLog } from './outbox-log.ts';
import { relayVariables } from './relay-variables.ts';

/** Configuration of the relay of an outbox. */
export type OutboxRelayConfig = {
  databaseUrl: string;
  topicArn: string;
  /** `doorbell` by default. */
  schema?: string;
  /** `position` follows the table of changes, `log` the write-ahead log; `position` by default. */
  relay?: 'position' | 'log';
  channels?: number;
  messageGroups?: boolean;
  retentionDays?: number;
  /** Port for health and metrics; 0 takes any free port. Without it there is no server. */
  port?: number;
  host?: string;
};

/** Parts that a relay is given besides its configuration. */
export type OutboxRelayParts = {
  /** Settings of the SNS client; the SDK's own configuration otherwise. */
  sns?: TopicOptions['client'];
  observe?: (event: RelayEvent) => void;
};

/**
 * A running relay. `done` settles when it ends: after `stop`, or with the reason why it can't go on. `stop` returns true
 * if everything ended in time.
 */
export type OutboxRelay = { listening: Listening | null; done: Promise<void>; stop: () => Promise<boolean> };

/** 7 s to stop: a database that doesn't answer would keep the process for minutes. */
const STOP = 7_000;
const SNS_CLIENT = '@aws-sdk/client-sns';
/** 25 ms: the service's own transactions send no announcement, so the table is read often. A read takes 0.2 ms. */
const POLL = 25;

/**
 * Reads the environment. Throws an Error that names every variable that is missing, malformed or unknown. The ports of
 * `consumers` are known.
 */
export function readOutboxRelayConfig(
  environment: Environment,
  consumers: readonly string[] = [],
): Required<OutboxRelayConfig> {
  const read = variableReader(consumers)(relayVariables, 'relay', environment);
  return {
    databaseUrl: read.DATABASE_URL,
    topicArn: read.DOORBELL_TOPIC_ARN,
    schema: read.DOORBELL_OUTBOX_SCHEMA,
    relay: read.DOORBELL_RELAY,
    channels: read.DOORBELL_RELAY_CHANNELS,
    messageGroups: read.DOORBELL_MESSAGE_GROUPS === 'on',
    retentionDays: read.DOORBELL_RETENTION_DAYS,
    port: read.DOORBELL_RELAY_PORT,
    host: read.DOORBELL_HOST,
  };
}

/**
 * Starts the relay of an outbox: it leads if no other relay of the outbox does, and stands by otherwise. Throws
 * PortTaken, and TypeError for a schema or a retention that is not valid or a client of SNS that is not installed.
 */
export async function startRelay(
  config: OutboxRelayConfig,
  { sns, observe = () => {} }: OutboxRelayParts = {},
): Promise<OutboxRelay> {
  const { databaseUrl, topicArn, messageGroups = false } = config;
  checkPlace({ connectionString: databaseUrl }, 'DATABASE_URL');
  const openLog = outboxLog(config);
  const { createSnsPublish } = await import('../brokers/sns.ts').catch(lackingPackage('the relay', SNS_CLIENT));
  const metrics = createRelayMetrics(systemClock.now);
  const state = { reason: 'starting' };
  const app = relayApi(state, metrics.text);
  const { port, host = '127.0.0.1' } = config;
  const listening = port === undefined ? null : await listen(app, port, host, systemClock);
  const topic = createSnsPublish({ topicArn, messageGroups, ...(sns && { client: sns }) });
  const stopping = new AbortController();
  const wake = createWake(systemClock);
  const done = runRelay(
    {
      connect: () => openRelayClient(databaseUrl),
      openLog,
      open:
        config.relay === 'log'
          ? logRelay({ connect: () => openReplication(databaseUrl), onReady: wake.wake })
          : openPositionRelay,
      publish: topic.publish,
      clock: systemClock,
      wake,
      channels: config.channels,
      poll: POLL,
      observe(event) {
        state.reason = reasonAfter(event, state.reason);
        metrics.observe(event);
        observe(event);
      },
    },
    stopping.signal,
  );
  done.catch(() => undefined);

  async function stopAll(): Promise<void> {
    stopping.abort();
    await done.catch(() => undefined);
    topic.close();
    await listening?.close();
  }
  return { listening, done, stop: () => isDoneWithin(systemClock, STOP, stopAll()) };
}

/** Health, which says why the relay rings nothing, and metrics in the text format of Prometheus. */
function relayApi(state: { reason: string }, metrics: () => Promise<string>): Hono {
  const app = new Hono();
  app.get('/healthz', (c) =>
    state.reason === '' || state.reason === 'standing by'
      ? c.json({ status: 'ok', reason: state.reason })
      : c.json({ status: 'failing', reason: state.reason }, 503),
  );
  app.get('/metrics', async (c) =>
    c.text(await metrics(), 200, { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }),
  );
  return app;
}

function reasonAfter(event: RelayEvent, reason: string): string {
  if (event.kind === 'leading' || event.kind === 'rung') return '';
  if (event.kind === 'standing-by') return 'standing by';
  return event.kind === 'failed' ? event.reason : reason;
}
