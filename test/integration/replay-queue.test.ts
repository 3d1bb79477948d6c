import { expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import type { Message } from '../../consumers/runtime/queue/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { createQueuePublish } from '../../localstack/operate/replay/queue-publish.ts';
import { createSnsPublish } from '../../publisher/brokers/sns.ts';
import { testBroker } from '../support/broker.ts';
import { ring } from '../support/ring.ts';
import { until } from '../support/wait.ts';

const never = new AbortController().signal;

async function world() {
  const { client, stage } = await testBroker();
  const { topicArn, consumers } = await provision(shopTopologyOf(stage), client);
  const queueOf = (name: string) => {
    const place = consumers[name] ?? { queueUrl: '', deadLetterQueueUrl: '' };
    const queue = createSqsQueue({ ...place, client, clock: systemClock });
    onTestFinished(() => queue.close());
    return queue;
  };
  const queue = createQueuePublish({ queueUrl: consumers.display?.queueUrl ?? '', client });
  const topic = createSnsPublish({ topicArn, client });
  onTestFinished(() => {
    queue.close();
    topic.close();
  });
  return { queue, topic, display: queueOf('display'), ad: queueOf('ad') };
}

const again = { ...ring(7), occurredAt: 1_750_000_000_000, eventId: '0199d8f0-0000-7000-8000-000000000001' };

const content = ({ body, attributes }: Message) => ({ body, attributes });

test('a ring for one consumer comes into its queue alone, just as the topic would have brought it', async () => {
  const { queue, topic, display, ad } = await world();
  expect(await queue.publish([{ ...again, lane: 'replay' }], never)).toEqual([{ accepted: true }]);
  const [direct] = await display.receive(10, 20, never);
  expect(await ad.receive(10, 0, never)).toEqual([]);

  await topic.publish([{ ...again, lane: 'replay' }], never);
  const bySns = await until(async () => (await display.receive(10, 1, never))[0]);
  expect(content(direct as Message)).toEqual(content(bySns));
  expect(content(bySns)).toMatchObject({
    body: '{"id":"shop_1","type":"shop.opened"}',
    attributes: { version: { StringValue: '7' }, lane: { StringValue: 'replay' } },
  });
  expect(await ad.receive(10, 20, never)).toHaveLength(1);
});

test('ten go in one call, and one that is no notification stays behind alone', async () => {
  const { queue, display } = await world();
  const results = await queue.publish([ring(1, '../admin'), ring(2), ring(3, 'shop_2')], never);
  expect(results).toMatchObject([{ accepted: false, retryable: false }, { accepted: true }, { accepted: true }]);
  const bodies = new Set<string>();
  await until(async () => {
    for (const { body } of await display.receive(10, 1, never)) bodies.add(body);
    return bodies.size === 2;
  });
  expect([...bodies].join()).not.toContain('admin');
});
