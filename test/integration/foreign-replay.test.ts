import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { topologyOf } from '../../localstack/infrastructure/topology.ts';
import { testBroker } from '../support/broker.ts';
import { freshDatabase } from '../support/database.ts';
import { writeEvents } from '../support/events.ts';
import { seemingSystem } from '../support/run-info.ts';

/** A system that runs here with one shop, and the queue of a consumer that this repository has never heard of. */
async function world() {
  const { admin: pool, url } = await freshDatabase();
  const { client, stage } = await testBroker();
  const [ours, theirs] = [
    await provision(shopTopologyOf(stage), client),
    await provision(topologyOf([{ name: 'labels', wakesOn: ['shop.opened'] }], `${stage}-b`), client),
  ];
  await writeEvents(pool, [{ shop: 'shop_1', version: 1 }]);
  const { display } = ours.consumers;
  const labels = theirs.consumers.labels?.queueUrl ?? '';
  const views = { url: 'http://127.0.0.1:1', views: '/nowhere' };
  const { doorbell } = seemingSystem({
    databaseUrl: url,
    databaseAdminUrl: url,
    topicArn: ours.topicArn,
    broker: client,
    consumers: { display: { ...views, queueUrl: '', deadLetterQueueUrl: '', ...display } },
  });
  const sqs = new SQSClient(client);
  onTestFinished(() => sqs.destroy());
  const bodiesIn = async (QueueUrl = '') => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }));
    return Messages.map(({ Body }) => Body);
  };
  return { doorbell, bodiesIn, labels, display: display?.queueUrl ?? '', url };
}

test('a queue that is set is rung and no other, for a consumer that nobody here knows', async () => {
  const { doorbell, bodiesIn, labels, display } = await world();
  const args = ['replay', '--consumer', 'labels', '--types', 'shop.opened'];
  const { code, stdout, stderr } = await doorbell({ DOORBELL_QUEUE_URL: labels }, ...args);
  expect([code, stderr]).toEqual([0, `DOORBELL_QUEUE_URL is set and used: ${labels}\n`]);
  expect(stdout).toContain('1 rings at the queue of labels, 0 refused; done');
  expect(await bodiesIn(labels)).toEqual(['{"id":"shop_1","type":"shop.opened"}']);
  expect(await bodiesIn(display)).toEqual([]);
});

test('a queue that is set goes before that of the running consumer of this name', async () => {
  const { doorbell, bodiesIn, labels, display } = await world();
  const { code } = await doorbell({ DOORBELL_QUEUE_URL: labels }, 'replay', '--consumer', 'display');
  expect([code, await bodiesIn(labels), await bodiesIn(display)]).toEqual([0, [expect.any(String)], []]);
});

test('its types come from its agreement, and those that no event has are named', async () => {
  const { doorbell, labels } = await world();
  const file = 'test/support/product-agreements.ts';
  const ended = await doorbell({ DOORBELL_QUEUE_URL: labels }, 'replay', '--consumer', 'stock', '--agreements', file);
  expect(ended).toMatchObject({ code: 2, stderr: expect.stringContaining('stock wakes on product.added, product.') });
  const other = await doorbell({}, 'replay', '--consumer', 'labels', '--agreements', file);
  expect(other).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('--agreements has no agreement of labels, only of search, search, stock.'),
  });
});

test.each([
  [{}, ['--consumer', 'labels'], 2, 'For another one, give its types by --types'],
  [{}, ['--consumer', 'labels', '--types', 'shop.opened'], 1, 'No consumer labels runs here, only display.'],
  [
    { DOORBELL_CONSUMER: 'labels', DOORBELL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/1/labels' },
    ['--consumer', 'display'],
    1,
    'DOORBELL_CONSUMER is labels, but --consumer is display',
  ],
  [
    { DOORBELL_QUEUE_URL: 'https://sqs.eu-west-1.amazonaws.com/123456789012/prod-display' },
    ['--consumer', 'display'],
    1,
    'DOORBELL_QUEUE_URL is at another broker than the system of npm start',
  ],
  [
    { DOORBELL_TOPIC_ARN: 'arn:aws:sns:eu-west-1:123456789012:prod-shops' },
    [],
    1,
    'DOORBELL_TOPIC_ARN is at another broker than the system of npm start',
  ],
  [{ DATABASE_ADMIN_URL: 'postgres://owner@db.example/shops' }, [], 1, 'DATABASE_ADMIN_URL is set, but DATABASE_URL'],
] as const)('%j with %j is told, and nothing is rung', async (environment, args, code, text) => {
  const { doorbell, bodiesIn, display } = await world();
  const ended = await doorbell(environment as Record<string, string>, 'replay', ...args);
  expect(ended).toMatchObject({ code, stdout: '', stderr: expect.stringContaining(text) });
  expect(await bodiesIn(display)).toEqual([]);
});

test('the queue of one running consumer is not rung as that of another', async () => {
  const { doorbell, display } = await world();
  const ended = await doorbell({ DOORBELL_QUEUE_URL: display }, 'replay', '--consumer', 'ad');
  expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('is the queue of display, not of ad.') });
});
