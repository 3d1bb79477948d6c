import { join } from 'node:path';
import { parts } from '../../consumers/all.ts';
import type { ConsumerConfig } from '../../consumers/config.ts';
import type { Part } from '../../consumers/part.ts';
import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import type { RunningConsumer } from '../../consumers/service/start-consumer.ts';
import { startPart as startConsumerPart } from '../../consumers/wire.ts';
import type { RelayKind } from '../../publisher/config.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import type { RelayEvent } from '../../publisher/relay/relay.ts';
import { type Publisher, startPublisher } from '../../publisher/wire.ts';
import { type BrokerClient, type Provisioned, provision } from '../infrastructure/provision.ts';
import { shopTopologyOf } from '../infrastructure/shop-topology.ts';

/** Ports to listen on. 0 takes any free port. */
export type Ports = { publisher: number; consumers: Record<string, number> };

/** Database, broker, tokens and ports of a system. */
export type SystemOptions = {
  databaseUrl: string;
  /** The URL of the schema's owner, for migrations (default: `databaseUrl`). */
  databaseAdminUrl?: string | undefined;
  broker: BrokerClient;
  /** The folder for the consumers' views. */
  views: string;
  /** The token of each consumer. */
  tokens: Record<string, string>;
  /** The token for commands, state and history. */
  operatorToken: string;
  ports: Ports;
  host?: string;
  stage?: string;
  relay?: RelayKind;
  /** Changes the configuration of a consumer, such as its window or the path of its views. */
  consumer?: (name: string) => Partial<ConsumerConfig>;
  /** The URL of the relay's user, who must be able to replicate for the log relay (default: `databaseUrl`). */
  relayUrl?: string;
  /** Most milliseconds that a request for the feed waits; 25,000 by default. */
  feedWait?: number;
  onRelay?: (event: RelayEvent) => void;
  onConsumer?: (consumer: string, event: ConsumerEvent) => void;
  onError?: (error: Error) => void;
};

/** A running consumer: the URL of its query API, the SQLite file of its views, and its queries. */
export type ConsumerAddress = { name: string; url: string; views: string; queries: readonly string[] };

/** Publisher, relay and every consumer in one process, on a broker and a database that run already. */
export type System = {
  publisher: Publisher;
  publisherUrl: string;
  consumers: ConsumerAddress[];
  provisioned: Provisioned;
  /** Stops consumers, API and relay, in this order. True if nothing in hand was left over. */
  stop: () => Promise<boolean>;
};

/** Provisions the topology and starts all services. If one can't start, the others are stopped again. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const started: RunningConsumer[] = [];
  const provisioned = await provision(shopTopologyOf(options.stage), options.broker);
  const publisher = await startPublisherOf(options, provisioned);
  const stop = async () => {
    // Consumers first: their work in hand needs the publisher's API.
    const clean = await Promise.all(started.map((consumer) => consumer.stop()));
    const isStopped = await publisher.stop();
    return isStopped && clean.every(Boolean);
  };
  const publisherUrl = urlOf(options, publisher);
  try {
    const consumers: ConsumerAddress[] = [];
    for (const part of parts) {
      const running = await startPart(part, options, provisioned, publisherUrl);
      started.push(running);
      const { name } = part.consumer.agreement;
      consumers.push({ name, url: running.address?.url ?? '', views: viewsOf(options, name), queries: part.queries });
    }
    return { publisher, publisherUrl, consumers, provisioned, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function startPublisherOf(options: SystemOptions, { topicArn }: Provisioned): Promise<Publisher> {
  const {
    databaseUrl,
    databaseAdminUrl,
    ports,
    host = LOOPBACK,
    broker,
    relay = 'position',
    relayUrl = databaseUrl,
    feedWait,
    onRelay = () => {},
    onError = () => {},
  } = options;
  const tokens = Object.fromEntries(
    Object.entries(options.tokens).map(([name, token]) => [name, [tokenDigest(token)]]),
  );
  const operatorTokens = [tokenDigest(options.operatorToken)];
  const place = { topicArn, port: ports.publisher, host };
  const config = { ...place, databaseUrl, databaseAdminUrl, relay, relayUrl, tokens, operatorTokens };
  return startPublisher(config, { sns: broker, feedWait, onRelay, onError });
}

function startPart(
  part: Part,
  options: SystemOptions,
  { consumers }: Provisioned,
  sourceUrl: string,
): Promise<RunningConsumer> {
  const { name } = part.consumer.agreement;
  const { broker, tokens, ports, host = LOOPBACK, onConsumer } = options;
  const place = consumers[name];
  if (place === undefined) throw new Error(`the topology has no queues for ${name}`);
  const port = ports.consumers[name] ?? 0;
  const config = { ...place, sourceUrl, sourceToken: tokens[name] ?? '', views: viewsOf(options, name), port, host };
  return startConsumerPart(
    part,
    { ...config, ...options.consumer?.(name) },
    { sqs: broker, log: false, signals: false, observe: (event) => onConsumer?.(name, event) },
  );
}

const LOOPBACK = '127.0.0.1';
const viewsOf = ({ views }: SystemOptions, consumer: string) => join(views, `${consumer}.db`);
const urlOf = ({ host = LOOPBACK }: SystemOptions, { listening }: Publisher) => `http://${host}:${listening.port}`;
