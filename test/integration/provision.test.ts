import {
  GetSubscriptionAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishCommand,
  SNSClient,
} from '@aws-sdk/client-sns';
import { GetQueueAttributesCommand, ListQueuesCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { expect, onTestFinished, test } from 'vitest';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { writeAttributes } from '../../contracts/wire/attributes.ts';
import { encodeNotification } from '../../contracts/wire/notification.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { testBroker } from '../support/broker.ts';

async function world() {
  const { client, stage } = await testBroker();
  const sns = new SNSClient(client);
  const sqs = new SQSClient(client);
  onTestFinished(() => {
    sns.destroy();
    sqs.destroy();
  });
  const topology = shopTopologyOf(stage);
  /** Receives until so many messages are there; a stand-in may take its time to deliver them. */
  const receive = async (QueueUrl = '', count = 1) => {
    const bodies: string[] = [];
    const ask = new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 });
    while (bodies.length < count) for (const { Body = '' } of (await sqs.send(ask)).Messages ?? []) bodies.push(Body);
    return bodies.toSorted();
  };
  return { client, stage, sns, sqs, topology, receive };
}

test('provisioning twice changes nothing, and loses no message', async () => {
  const { client, stage, sns, sqs, topology, receive } = await world();
  const first = await provision(topology, client);
  await sns.send(
    new PublishCommand({
      TopicArn: first.topicArn,
      Message: encodeNotification({ id: 'kept', type: 'shop.opened' }),
      MessageAttributes: writeAttributes('shop.opened', {}),
    }),
  );
  expect(await provision(topology, client)).toEqual(first);
  const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: first.topicArn }));
  expect(Subscriptions).toHaveLength(agreements.length);
  const { QueueUrls } = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: `${stage}-` }));
  expect(QueueUrls).toHaveLength(3 * agreements.length);
  expect(await receive(first.consumers.ad?.queueUrl)).toEqual(['{"id":"kept","type":"shop.opened"}']);
});

test('each queue gets what its agreement names, raw, also from a publisher who sends the body alone', async () => {
  const { client, sns, topology, receive } = await world();
  const { topicArn, consumers } = await provision(topology, client);
  for (const id of ['attributes', 'alone'])
    for (const type of ['shop.opened', 'shop.hours-changed', 'shop.owner-changed', 'shop.moved-abroad']) {
      const Message = encodeNotification({ id, type });
      const MessageAttributes = id === 'alone' ? {} : writeAttributes(type, { version: 7 });
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message, MessageAttributes }));
    }
  const bodies = (name: string) => receive(consumers[name]?.queueUrl, 4);
  expect(await bodies('display')).toEqual([
    '{"id":"alone","type":"shop.hours-changed"}',
    '{"id":"alone","type":"shop.opened"}',
    '{"id":"attributes","type":"shop.hours-changed"}',
    '{"id":"attributes","type":"shop.opened"}',
  ]);
  expect(await bodies('ad')).toEqual([
    '{"id":"alone","type":"shop.opened"}',
    '{"id":"alone","type":"shop.owner-changed"}',
    '{"id":"attributes","type":"shop.opened"}',
    '{"id":"attributes","type":"shop.owner-changed"}',
  ]);
});

test('queues and subscriptions are as the topology says', async () => {
  const { client, sns, sqs, topology } = await world();
  const { topicArn, consumers } = await provision(topology, client);
  const { Attributes: queue } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: consumers.display?.queueUrl, AttributeNames: ['All'] }),
  );
  expect(queue).toMatchObject({ VisibilityTimeout: '30', MessageRetentionPeriod: '1209600' });
  const redrive = JSON.parse(queue?.RedrivePolicy ?? '{}');
  expect(redrive).toMatchObject({
    maxReceiveCount: 1000,
    deadLetterTargetArn: expect.stringMatching(/-display-dead$/),
  });
  const policy = JSON.parse(queue?.Policy ?? '{}');
  expect(policy.Statement[0]).toMatchObject({
    Action: 'sqs:SendMessage',
    Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
  });
  const { Attributes: dead } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: consumers.display?.deadLetterQueueUrl, AttributeNames: ['All'] }),
  );
  expect(JSON.parse(dead?.RedriveAllowPolicy ?? '{}')).toEqual({
    redrivePermission: 'byQueue',
    sourceQueueArns: [queue?.QueueArn],
  });
  const { Subscriptions = [] } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: topicArn }));
  const display = Subscriptions.find(({ Endpoint }) => Endpoint === queue?.QueueArn);
  const { Attributes: subscription } = await sns.send(
    new GetSubscriptionAttributesCommand({ SubscriptionArn: display?.SubscriptionArn }),
  );
  expect(subscription).toMatchObject({ RawMessageDelivery: 'true', FilterPolicyScope: 'MessageBody' });
  expect(JSON.parse(subscription?.FilterPolicy ?? '{}')).toEqual(topology.consumers[0]?.filterPolicy);
  expect(JSON.parse(subscription?.RedrivePolicy ?? '{}').deadLetterTargetArn).toMatch(/-display-undelivered$/);
});

test('a topology that changed is brought in line', async () => {
  const { client, stage, sns, topology, receive } = await world();
  await provision(shopTopologyOf(stage, { agreements: [{ name: 'display', wakesOn: ['shop.opened'] }] }), client);
  const { topicArn, consumers } = await provision(topology, client);
  await sns.send(
    new PublishCommand({
      TopicArn: topicArn,
      Message: encodeNotification({ id: 'a', type: 'shop.closed' }),
      MessageAttributes: writeAttributes('shop.closed', {}),
    }),
  );
  expect(await receive(consumers.display?.queueUrl)).toHaveLength(1);
});
