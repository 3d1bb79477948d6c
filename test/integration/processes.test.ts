import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { agreements } from '../../contracts/agreements/all.ts';
import { provision } from '../../localstack/provision.ts';
import { topologyOf } from '../../localstack/topology.ts';
import { tokenDigest } from '../../publisher/api/token.ts';
import { testBroker } from '../support/broker.ts';
import { freshDatabase } from '../support/database.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { aShop, asOperator, operatorToken } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

const token = 't'.repeat(43);

/** Publisher and display consumer as they run in production: a process each, told by their environment alone. */
async function world() {
  const { url: databaseUrl } = await freshDatabase();
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
    AWS_SECRET_ACCESS_KEY: 'test',
  };
  const start = (program: string, environment: Record<string, string>) => {
    const running = run(program, [], { ...aws, ...environment });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    return running;
  };
  const publisher = start('publisher/main.ts', {
    DATABASE_URL: databaseUrl,
    DOORBELL_TOPIC_ARN: topicArn,
    DOORBELL_SOURCE_TOKENS: `display=${tokenDigest(token)}`,
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
  });
  return { client, queueUrl, publisher, publisherUrl, display, displayUrl: await addressOf(display) };
}

async function addressOf(running: Running): Promise<string> {
  const [, port] = /"kind":"listening","port":(\d+)/.exec(await printed(running, '"listening"')) ?? [];
  return `http://127.0.0.1:${port}`;
}

test('publisher and consumer run as processes, log what went wrong and nothing of a body, and stop cleanly', async () => {
  const { client, queueUrl, publisher, publisherUrl, display, displayUrl } = await world();
  const registered = await fetch(`${publisherUrl}/shops`, {
    method: 'POST',
    headers: { ...asOperator, 'content-type': 'application/json' },
    body: JSON.stringify({ ...aShop, id: 'a' }),
  });
  expect(registered.status).toBe(201);
  const view = await until(async () => {
    const answer = await fetch(`${displayUrl}/shops/a`);
    return answer.status === 200 && ((await answer.json()) as Record<string, unknown>);
  });
  expect(view).toMatchObject({ id: 'a', version: 1, name: aShop.name });
  expect(await (await fetch(`${displayUrl}/metrics`)).text()).toContain(
    'doorbell_settled_total{outcome="applied",consumer="display"} 1',
  );

  const sqs = new SQSClient(client);
  await sqs.send(new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: 'Kim, 010-1234' }));
  sqs.destroy();
  expect(await printed(display, '"buried"')).toMatch(/\{"kind":"buried",.*"reason":"malformed-notification"/);

  for (const { child } of [display, publisher]) child.kill('SIGTERM');
  const [consumed, published] = await Promise.all([display.ended, publisher.ended]);
  expect([consumed.code, consumed.stderr, published.code, published.stderr]).toEqual([0, '', 0, '']);
  expect(consumed.stdout).not.toContain('Kim');
});

test.each(['publisher/main.ts', 'consumers/main.ts'])('%s says which variables it misses', async (program) => {
  const nothing = Object.fromEntries(
    Object.keys(process.env)
      .filter((name) => /^(DOORBELL_|DATABASE_URL)/.test(name))
      .map((name) => [name, '']),
  );
  const { code, stdout, stderr } = await run(program, [], nothing).ended;
  expect([code, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^\w+: missing; .+\n\w+: missing; /);
});
