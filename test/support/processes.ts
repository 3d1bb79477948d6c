import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { agreements } from '../../contracts/agreements/all.ts';
import { provision } from '../../localstack/provision.ts';
import { topologyOf } from '../../localstack/topology.ts';
import { tokenDigest } from '../../publisher/api/token.ts';
import { testBroker } from './broker.ts';
import { freshDatabase } from './database.ts';
import { printed, type Running, run } from './dev-process.ts';
import { operatorToken } from './publisher.ts';

/** The token that is good for the agreement of display. */
export const sourceToken = 't'.repeat(43);

/**
 * Publisher and display consumer as they run in production: a process each, told by their environment alone. `token` is what
 * the consumer sends; `consumer` is what else it is told, as where its views are.
 */
export async function processes({ token = sourceToken, consumer = {} } = {}) {
  const { url: databaseUrl, adminUrl, admin } = await freshDatabase();
  const { client, stage } = await testBroker();
  const { topicArn, consumers } = await provision(topologyOf(agreements, stage), client);
  // By AWS_ENDPOINT_URL the SDK calls the host of a queue's URL, and that of fauxqs has no address.
  const onBroker = (url = '') => url.replace(/^http:\/\/[^/]+/, String(client.endpoint).replace(/\/$/, ''));
  const queueUrl = onBroker(consumers.display?.queueUrl);
  const deadLetterQueueUrl = onBroker(consumers.display?.deadLetterQueueUrl);
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-processes-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const aws = {
    AWS_ENDPOINT_URL: String(client.endpoint),
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test-secret-of-aws',
  };
  const start = (program: string, environment: Record<string, string>) => {
    const running = run(program, [], { ...aws, ...environment });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    return running;
  };
  const publisher = start('publisher/main.ts', {
    DATABASE_URL: databaseUrl,
    DATABASE_ADMIN_URL: adminUrl,
    DOORBELL_TOPIC_ARN: topicArn,
    DOORBELL_SOURCE_TOKENS: `display=${tokenDigest(sourceToken)},ad=${'a'.repeat(64)}`,
    DOORBELL_OPERATOR_TOKENS: tokenDigest(operatorToken),
    DOORBELL_PUBLISHER_PORT: '0',
  });
  const publisherUrl = await addressOf(publisher);
  const display = start('consumers/main.ts', {
    DOORBELL_CONSUMER: 'display',
    DOORBELL_QUEUE_URL: queueUrl,
    DOORBELL_DEAD_LETTER_QUEUE_URL: deadLetterQueueUrl,
    DOORBELL_SOURCE_URL: publisherUrl,
    DOORBELL_SOURCE_TOKEN: token,
    DOORBELL_VIEWS: join(folder, 'views.db'),
    DOORBELL_CONSUMER_PORT: '0',
    ...consumer,
  });
  const displayUrl = await addressOf(display);
  const passwords = [databaseUrl, adminUrl].map((url) => new URL(url).password);
  return { client, queueUrl, publisher, publisherUrl, display, displayUrl, admin, passwords };
}

async function addressOf(running: Running): Promise<string> {
  const [, port] = /"kind":"listening","port":(\d+)/.exec(await printed(running, '"listening"')) ?? [];
  return `http://127.0.0.1:${port}`;
}
