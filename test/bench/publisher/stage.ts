import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteQueueCommand, GetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { provision } from '../../../localstack/infrastructure/provision.ts';
import { topologyOf } from '../../../localstack/infrastructure/topology.ts';
import { type Broker, startBroker } from '../../../localstack/start/broker/broker.ts';
import { startPostgres } from '../../../localstack/start/postgres/postgres.ts';
import { type Database, openClient, openPool } from '../../../publisher/postgres/database.ts';
import { migrate } from '../../../publisher/shops/store/migrate.ts';
import { fillHistory, registerShops } from './fill.ts';

/** PostgreSQL that syncs every commit, and a broker in a thread of its own. Each run gets a database and a topic. */
export type Stage = {
  /** A database with all shops, and so many events if any are asked for; as if vacuumed and checkpointed just now. */
  database: (stored: number | null) => Promise<{ url: string; drop: () => Promise<void> }>;
  /** A topic with one queue; `messages` counts what came through. */
  topic: () => Promise<Topic>;
  stop: () => Promise<void>;
};

export type Topic = {
  topicArn: string;
  client: Broker['client'];
  messages: () => Promise<number>;
  drop: () => Promise<void>;
};

/** Starts both. Nothing is left behind after `stop`. */
export async function openStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-bench-'));
  chmodSync(folder, 0o711);
  const password = randomBytes(16).toString('hex');
  const postgres = await startPostgres({ folder: join(folder, 'pg'), password });
  const broker = await startBroker(null);
  const admin = await openClient(postgres.url);
  const urlOf = (name: string) => postgres.url.replace(/\/postgres(?=\?|$)/, `/${name}`);
  const templates = new Map<string, Promise<string>>();
  let count = 0;

  function template(stored: number | null): Promise<string> {
    const name = `filled_${stored ?? 'shops'}`;
    const made = templates.get(name) ?? makeTemplate(admin, name, urlOf(name), stored);
    templates.set(name, made);
    return made;
  }

  return {
    async database(stored) {
      const name = `run_${++count}`;
      await admin.query(`create database ${name} template ${await template(stored)} strategy file_copy`);
      await admin.query('checkpoint');
      return { url: urlOf(name), drop: () => dropDatabase(admin, name) };
    },
    topic: () => makeTopic(broker, `bench-${++count}`),
    async stop() {
      await Promise.all([admin.end(), broker.stop()]);
      await postgres.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function makeTemplate(admin: Database, name: string, url: string, stored: number | null): Promise<string> {
  await admin.query(`create database ${name}`);
  const pool = openPool({ connectionString: url });
  await migrate(pool);
  await pool.end();
  const database = await openClient(url);
  await registerShops(database);
  if (stored !== null) await fillHistory(database, stored);
  await database.query('vacuum analyze');
  await database.end();
  return name;
}

/** A slot pins its database; whoever made one may have been stopped before it could drop it. */
async function dropDatabase(admin: Database, name: string): Promise<void> {
  const slots = 'select pg_drop_replication_slot(slot_name) from pg_replication_slots where database = $1';
  await admin.query('select pg_terminate_backend(active_pid) from pg_replication_slots where database = $1', [name]);
  await admin.query(slots, [name]);
  await admin.query(`drop database ${name} with (force)`);
}

async function makeTopic({ client }: Broker, stage: string): Promise<Topic> {
  const { topicArn, consumers } = await provision(topologyOf([displayAgreement], stage), client);
  const QueueUrl = consumers.display?.queueUrl ?? '';
  const sqs = new SQSClient(client);
  return {
    topicArn,
    client,
    async messages() {
      const AttributeNames = ['ApproximateNumberOfMessages' as const];
      const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames }));
      return Number(Attributes?.ApproximateNumberOfMessages);
    },
    async drop() {
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
      sqs.destroy();
    },
  };
}
