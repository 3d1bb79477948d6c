import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { parts } from '../../../consumers/all.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { tableOf } from '../../../consumers/stores/dynamodb/table.ts';
import { type Fetch, withToken } from '../../../localstack/import/publisher-client.ts';
import { startBroker } from '../../../localstack/start/broker/broker.ts';
import { prepareDatabase } from '../../../localstack/start/postgres/app-user.ts';
import { startPostgres } from '../../../localstack/start/postgres/postgres.ts';
import { startSystem } from '../../../localstack/start/system.ts';
import { openClient } from '../../../publisher/postgres/database.ts';
import { createSettling } from './settling.ts';
import { startCountingProxy, type Tallies } from './tally.ts';

/** What consumers said of their work, by name: requests to the source, shops in them, views looked at, and how rings ended. */
export type Work = {
  requests: number;
  shops: number;
  applied: number;
  current: number;
  skipped: number;
  asleep: number;
};

/** Everything that was counted since the last time. */
export type Counted = { aws: Tallies; work: Record<string, Work>; rings: number; collapsed: number };

/** Publisher and both consumers on embedded parts, with a counter in front of AWS. */
export type CountedSystem = {
  fetch: Fetch;
  /** The database, as its owner. */
  databaseUrl: string;
  /** Resolves when everything that was rung has been settled by whom it wakes. */
  settled: () => Promise<void>;
  take: () => Counted;
  stop: () => Promise<void>;
};

export type SystemOptions = { window: number; dynamodb: string | undefined };

const NO_WORK: Work = { requests: 0, shops: 0, applied: 0, current: 0, skipped: 0, asleep: 0 };

/** Starts one of its own; nothing is left behind after `stop`. */
export async function startCountedSystem({ window, dynamodb }: SystemOptions): Promise<CountedSystem> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-cost-'));
  chmodSync(folder, 0o711);
  const secret = () => randomBytes(32).toString('base64url');
  const [postgres, broker] = await Promise.all([
    startPostgres({ folder: join(folder, 'pg'), password: secret() }),
    startBroker(null),
  ]);
  const databaseUrl = await prepareDatabase(postgres.url, { name: 'doorbell_api', password: secret() });
  const proxy = await startCountingProxy(String(broker.client.endpoint));
  const tables = dynamodb === undefined ? null : await startTables(dynamodb);
  const operatorToken = secret();
  const books = await openClient(postgres.url);
  const settling = createSettling(async () => (await books.query<{ rung: boolean }>(isRung)).rows[0]?.rung === true);
  let work: Record<string, Work> = {};
  let [rings, collapsed] = [0, 0];

  function told(consumer: string, event: ConsumerEvent): void {
    settling.consumer(consumer, event);
    work[consumer] ??= { ...NO_WORK };
    const mine = work[consumer];
    if (event.kind === 'requested') mine.requests++;
    if (event.kind === 'requested') mine.shops += event.resources;
    if (event.kind === 'settled') mine[event.outcome]++;
  }

  const system = await startSystem({
    databaseUrl,
    databaseAdminUrl: postgres.url,
    broker: { ...broker.client, endpoint: proxy.url },
    views: folder,
    tokens: Object.fromEntries(parts.map(({ consumer }) => [consumer.agreement.name, secret()])),
    operatorToken,
    ports: { publisher: 0, consumers: {} },
    consumer: (name) => ({ window, ...(tables && { views: `dynamodb:${tables.names[name]}` }) }),
    onRelay(event) {
      settling.relay(event);
      if (event.kind !== 'rung') return;
      rings += event.rings.length;
      collapsed += event.collapsed;
    },
    onConsumer: told,
    onError: (error) => process.stderr.write(`publisher: ${error.message}\n`),
  });
  const inProcess: Fetch = (path, init) =>
    system.publisher.fetch(new Request(new URL(path, system.publisherUrl), init));
  return {
    fetch: withToken(inProcess, operatorToken),
    databaseUrl: postgres.url,
    settled: settling.settled,
    take() {
      const counted = { aws: { ...proxy.take(), ...tables?.take() }, work, rings, collapsed };
      [work, rings, collapsed] = [{}, 0, 0];
      return counted;
    },
    async stop() {
      await system.stop();
      await books.end();
      await Promise.all([proxy.stop(), broker.stop(), tables?.stop()]);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const isRung = `
  select coalesce((select max(id) from shop_events), 0) <= coalesce((select max(pos) from relay_checkpoint), 0) as rung`;

/** A table for each consumer, behind a counter; the consumers find it as the SDK does, by the environment. */
async function startTables(url: string) {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: url, region: 'us-east-1', credentials });
  const run = randomBytes(4).toString('hex');
  const names: Record<string, string> = {};
  for (const { consumer, indexes } of parts) {
    const TableName = `cost-${run}-${consumer.agreement.name}-views`;
    await client.send(new CreateTableCommand({ TableName, ...tableOf(indexes) }));
    names[consumer.agreement.name] = TableName;
  }
  client.destroy();
  const proxy = await startCountingProxy(url);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_DYNAMODB: proxy.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  });
  return { names, take: proxy.take, stop: proxy.stop };
}
