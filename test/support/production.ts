import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { type BrokerClient, type Provisioned, provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import type { Topology } from '../../localstack/infrastructure/topology.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import { testBroker } from './broker.ts';
import { freshDatabase } from './database.ts';
import { printed, type Running, run } from './dev-process.ts';
import { operatorToken } from './publisher.ts';

/** The token that is good for the agreement of a consumer. */
export const sourceTokenOf = (name: string): string => `token-of-${name}-`.padEnd(43, 't');

/** A process of ours that listens. */
export type Process = Running & { url: string };

export type ProductionOptions = {
  /** Who makes topic and queues: the provisioner where nothing is said. */
  deploy?: (topology: Topology, client: BrokerClient, stage: string) => Promise<Provisioned>;
  /** The programs, where they are not those of the project. */
  programs?: { publisher: string; consumer: string };
  /** What differs from the topology of production. */
  change?: (topology: Topology) => Topology;
};

/**
 * A broker, a database, and what starts publisher and consumers on them as they run in production: a process each, told by its
 * environment alone. What still runs when the test is over is killed.
 */
export async function production({
  deploy = provision,
  programs = { publisher: 'publisher/main.ts', consumer: 'consumers/main.ts' },
  change = (topology) => topology,
}: ProductionOptions = {}) {
  const { url: databaseUrl, adminUrl, admin } = await freshDatabase();
  const { client, stage } = await testBroker();
  const topology = change(shopTopologyOf(stage));
  const { topicArn, consumers: places } = await deploy(topology, client, stage);
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-production-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const aws = {
    AWS_ENDPOINT_URL: String(client.endpoint),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test-secret-of-aws',
  };
  const start = async (program: string, environment: Record<string, string>): Promise<Process> => {
    const running = run(program, [], { ...aws, ...environment });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    return { ...running, url: await addressOf(running) };
  };

  const startPublisher = (environment: Record<string, string> = {}) =>
    start(programs.publisher, {
      DATABASE_URL: databaseUrl,
      DATABASE_ADMIN_URL: adminUrl,
      DOORBELL_TOPIC_ARN: topicArn,
      DOORBELL_SOURCE_TOKENS: agreements.map(({ name }) => `${name}=${tokenDigest(sourceTokenOf(name))}`).join(),
      DOORBELL_OPERATOR_TOKENS: tokenDigest(operatorToken),
      DOORBELL_PUBLISHER_PORT: '0',
      ...environment,
    });

  /** The SQLite file of a consumer: whoever is started after another goes on where that one was. */
  const viewsOf = (name: string) => join(folder, `${name}.db`);

  const startConsumer = (name: string, sourceUrl: string, environment: Record<string, string> = {}) =>
    start(programs.consumer, {
      DOORBELL_CONSUMER: name,
      DOORBELL_QUEUE_URL: places[name]?.queueUrl ?? '',
      DOORBELL_DEAD_LETTER_QUEUE_URL: places[name]?.deadLetterQueueUrl ?? '',
      DOORBELL_SOURCE_URL: sourceUrl,
      DOORBELL_SOURCE_TOKEN: sourceTokenOf(name),
      DOORBELL_VIEWS: viewsOf(name),
      DOORBELL_CONSUMER_PORT: '0',
      ...environment,
    });

  const passwords = [databaseUrl, adminUrl].map((url) => new URL(url).password);
  return {
    ...{ client, topology, topicArn, places, aws, folder, viewsOf },
    ...{ databaseUrl, databaseAdminUrl: adminUrl, admin, passwords },
    ...{ startPublisher, startConsumer },
  };
}

async function addressOf(running: Running): Promise<string> {
  const [, port] = /"kind":"listening","port":(\d+)/.exec(await printed(running, '"listening"')) ?? [];
  return `http://127.0.0.1:${port}`;
}
