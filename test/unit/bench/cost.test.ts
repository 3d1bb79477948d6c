import { CreateTopicCommand, PublishBatchCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { consumerNames } from '../../../contracts/shops/agreements/all.ts';
import { startBroker } from '../../../localstack/start/broker/broker.ts';
import { billedFor, functionsAt } from '../../bench/cost/functions.ts';
import { wake } from '../../bench/cost/pollers.ts';
import { billOf, prices } from '../../bench/cost/prices.ts';
import { textOf, usageOf } from '../../bench/cost/report.ts';
import { startCountingProxy } from '../../bench/cost/tally.ts';

test('a bill is what was counted, for a million changes, times the price', () => {
  const { lines, usd } = billOf({ publish: 200, sqs: 3_000 }, 2_000);
  expect(lines).toEqual([
    { item: 'publish', name: prices.publish.name, units: 100_000, usd: 0.05 },
    { item: 'sqs', name: prices.sqs.name, units: 1_500_000, usd: expect.closeTo(0.6) },
  ]);
  expect(usd).toBeCloseTo(0.65);
});

test('what passes on its way to SNS and SQS is counted call by call, the messages in it, and those that bring none', async () => {
  const broker = await startBroker(null);
  const proxy = await startCountingProxy(String(broker.client.endpoint));
  const client = { ...broker.client, endpoint: proxy.url };
  const [sns, sqs] = [new SNSClient(client), new SQSClient(client)];
  onTestFinished(async () => {
    sns.destroy();
    sqs.destroy();
    await proxy.stop();
    await broker.stop();
  });
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'shops' }));
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'display' }));
  const queue = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }));
  const subscription = { TopicArn, Protocol: 'sqs', Endpoint: queue.Attributes?.QueueArn };
  await sns.send(new SubscribeCommand({ ...subscription, Attributes: { RawMessageDelivery: 'true' } }));
  expect(Object.keys(proxy.take())).toContain('sns Subscribe');

  const entries = ['소', 'be', 'cow'].map((Message, n) => ({ Id: `${n}`, Message }));
  await sns.send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries: entries }));
  const receive = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 });
  const { Messages = [] } = await sqs.send(receive);
  const gone = Messages.map(({ ReceiptHandle }, n) => ({ Id: `${n}`, ReceiptHandle }));
  await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: gone }));
  await sqs.send(receive);

  const aws = proxy.take();
  const tally = { calls: 1, items: 3, empty: 0, bytes: 0, units: 0 };
  expect(aws).toEqual({
    'sns PublishBatch': { ...tally, bytes: 3 + 2 + 3 },
    'sqs ReceiveMessage display': { ...tally, calls: 2, empty: 1 },
    'sqs DeleteMessageBatch display': tally,
  });
  const counted = { aws, work: {}, rings: 3, collapsed: 0 };
  expect(usageOf(counted)).toEqual({ publish: 1, filter: 8 * consumerNames.length, sqs: 3, delivery: 3 });
  const result = { workload: 'three', note: 'three changes', changes: 3, seconds: 1, counted };
  const text = textOf(result, { invocation: 500_000 });
  expect(text).toMatch(/SQS: requests of consumers +1,000,000 requests +\$0\.4 per 1,000,000 +\$0\.400/);
  expect(text).toMatch(/Lambda: invocations +500,000 requests +\$0\.2 per 1,000,000 +\$0\.100/);
});

test('a poller invokes when its batch is full or its window is over, never with nothing, and gathers again when the function has answered', () => {
  const waking = { pollers: 1, batch: 3, window: 1_000, takes: () => 500 };
  // Nothing in the first window; full at 1,200; of those that come meanwhile one is left for the window from 2,200 on.
  const arrivals = [1_000, 1_100, 1_200, 1_300, 1_400, 1_500, 1_600];
  expect(wake([], waking)).toEqual({ invocations: 0, milliseconds: 0, longest: 0 });
  expect(wake(arrivals, waking)).toEqual({ invocations: 3, milliseconds: 1_500, longest: 3_200 - 1_600 });
  expect(wake([0, 100, 200], { ...waking, pollers: 3 }).invocations).toBe(3);
});

test("a function's bill is of its batches, of the requests they make, and of one command a change", () => {
  const took = [1, 100].map((messages) => ({ messages, cpu: messages / 2 }));
  // 25 ms of CPU on 512 of 1,769 MB are 86.4 ms; 30 of network.
  expect(billedFor({ took }, 50)).toBe(117);
  const [slow, fast] = [10, 1_000].map((rate) => functionsAt(rate, 5, { took, looks: 1 }));
  expect(fast).toMatchObject({
    batch: expect.closeTo(100, 0),
    handlers: expect.closeTo(10_000 * consumerNames.length, -2),
  });
  expect(slow?.handlers).toBeGreaterThan(800_000);
  for (const each of [slow, fast]) {
    expect(each?.usage.gateway).toBeCloseTo(1_000_000 + (each?.handlers ?? 0));
    expect(each?.usage.invocation).toBeCloseTo(1_000_000 + 2 * (each?.handlers ?? 0));
  }
});
