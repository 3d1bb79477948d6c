import {
  DeleteQueueCommand,
  ListDeadLetterSourceQueuesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { openHome } from '../../localstack/start/home.ts';
import { run } from '../support/dev-process.ts';
import { untilEqual } from '../support/equal.ts';
import { type Process, type ProductionOptions, production, sourceTokenOf } from '../support/production.ts';
import { aShop, asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** A publisher in a process, and what a person at the command line knows of the system around it. */
async function world(options: ProductionOptions = {}) {
  const system = await production(options);
  const { client, places, topicArn, folder, databaseUrl, databaseAdminUrl, viewsOf } = system;
  const publisher = await system.startPublisher();
  const home = openHome(`${folder}/home`, { fresh: false, consumers: Object.keys(places) });
  const placesOfRun = Object.entries(places).map(
    ([name, place]) => [name, { ...place, url: 'http://127.0.0.1', views: viewsOf(name) }] as const,
  );
  const consumers = Object.fromEntries(placesOfRun);
  home.announce({ publisherUrl: publisher.url, databaseUrl, databaseAdminUrl, topicArn, broker: client, consumers });
  const sqs = new SQSClient(client);
  onTestFinished(() => {
    home.release();
    sqs.destroy();
  });
  /** What a command of the operator prints. */
  const doorbell = async (...words: string[]) => {
    const { code, stdout, stderr } = await run('localstack/operate/main.ts', ['--home', `${folder}/home`, ...words], {})
      .ended;
    expect([code, stderr]).toEqual([0, '']);
    return stdout.trim();
  };
  const register = async (id: string) => {
    const headers = { ...asOperator, 'content-type': 'application/json' };
    const body = JSON.stringify({ ...aShop, id });
    expect((await fetch(`${publisher.url}/shops`, { method: 'POST', headers, body })).status).toBe(201);
  };
  const equal = (name: string) =>
    untilEqual({ name, views: viewsOf(name), sourceUrl: publisher.url, token: sourceTokenOf(name) });
  return { ...system, publisher, sqs, doorbell, register, equal };
}

async function stopped({ child, ended }: Process): Promise<void> {
  child.kill('SIGTERM');
  expect((await ended).code).toBe(0);
}

test('what kills everybody who receives it goes to the dead-letter queue, and the move task brings it back', async () => {
  const change: ProductionOptions['change'] = (topology) => ({ ...topology, maxReceiveCount: 3 });
  const { publisher, places, sqs, doorbell, register, startConsumer, equal } = await world({ change });
  const { queueUrl: QueueUrl, deadLetterQueueUrl } = places.display ?? {};
  await stopped(await startConsumer('display', publisher.url));

  await register('killer');
  const ask = new ReceiveMessageCommand({
    ...{ QueueUrl, WaitTimeSeconds: 1, VisibilityTimeout: 0 },
    MessageSystemAttributeNames: ['ApproximateReceiveCount'],
  });
  const counts: string[] = [];
  await until(async () => {
    const { Messages = [] } = await sqs.send(ask);
    for (const { Attributes } of Messages) counts.push(Attributes?.ApproximateReceiveCount ?? '');
    return counts.length >= 3 && Messages.length === 0;
  });
  expect(counts).toEqual(['1', '2', '3']);

  const { queueUrls } = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: deadLetterQueueUrl }));
  expect(queueUrls?.map((url) => new URL(url).pathname)).toEqual([new URL(QueueUrl ?? '').pathname]);
  const letters = JSON.parse(await doorbell('dlq', 'list', '--consumer', 'display', '--json'));
  expect(letters).toMatchObject({ reason: 'received-too-often', letters: 1, covered: 0 });
  expect(await doorbell('dlq', 'redrive', '--consumer', 'display', '--yes')).toContain(
    "display: 1 put back, by SQS's own move task",
  );
  expect(await doorbell('dlq', 'list', '--consumer', 'display')).toBe('No dead letters.');
  await startConsumer('display', publisher.url);
  expect(await equal('display')).toEqual({ shops: 1, tombstones: 0 });
});

test('what SNS can not put into a queue waits in its undelivered queue; the others get theirs, and a replay mends the rest', async () => {
  const { publisher, client, topology, places, sqs, doorbell, register, startConsumer, equal } = await world();
  for (const name of ['display', 'ad']) await startConsumer(name, publisher.url);
  await register('before');
  expect(await equal('ad')).toEqual({ shops: 1, tombstones: 0 });

  await sqs.send(new DeleteQueueCommand({ QueueUrl: places.ad?.queueUrl }));
  await register('during');
  const undelivered = places.ad?.queueUrl.replace(/-ad$/, '-ad-undelivered');
  const letter = await until(async () => {
    const ask = new ReceiveMessageCommand({
      QueueUrl: undelivered,
      WaitTimeSeconds: 1,
      MessageAttributeNames: ['All'],
    });
    return (await sqs.send(ask)).Messages?.[0];
  });
  expect(letter.Body).toBe('{"id":"during","type":"shop.registered"}');
  expect(letter.MessageAttributes).toMatchObject({ version: { StringValue: '1' } });
  expect(await equal('display')).toEqual({ shops: 2, tombstones: 0 });

  await provision(topology, client);
  await doorbell('replay', '--consumer', 'ad', '--shops', 'during');
  expect(await equal('ad')).toEqual({ shops: 2, tombstones: 0 });
  await register('after');
  expect(await equal('ad')).toEqual({ shops: 3, tombstones: 0 });
});
