import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { ConsumerEvent } from '../../consumers/runtime/queue/events.ts';
import { type System, startSystem } from '../../localstack/start/system.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { testBroker } from '../support/broker.ts';
import { asAppUser } from '../support/database.ts';
import { aShop, asOperator, operatorToken } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** Real HTTP, real PostgreSQL, SQLite, and SNS and SQS by fauxqs, or by LocalStack in `npm run test:real`. */
describe('the whole path', () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-path-'));
  const events: [string, ConsumerEvent][] = [];
  let system: System;
  let sqs: SQSClient;
  let sns: SNSClient;

  beforeAll(async () => {
    const { client, stage } = await testBroker();
    const admin = openPool({ connectionString: inject('postgresUrl'), max: 1 });
    await admin.query('create database whole_path');
    await admin.end();
    const databaseAdminUrl = inject('postgresUrl').replace(/\/postgres$/, '/whole_path');
    system = await startSystem({
      databaseUrl: asAppUser(databaseAdminUrl),
      databaseAdminUrl,
      broker: client,
      stage,
      views: folder,
      tokens: { display: 'd'.repeat(43), ad: 'a'.repeat(43) },
      operatorToken,
      ports: { publisher: 0, consumers: {} },
      onConsumer: (name, event) => events.push([name, event]),
    });
    sqs = new SQSClient(client);
    sns = new SNSClient(client);
  });

  afterAll(async () => {
    expect(await system.stop()).toBe(true);
    sqs.destroy();
    sns.destroy();
    rmSync(folder, { recursive: true });
  });

  const urlOf = (name: string) => system.consumers.find((consumer) => consumer.name === name)?.url;

  async function command(method: string, path: string, body?: unknown) {
    const headers = { ...asOperator, 'content-type': 'application/json' };
    const response = await fetch(`${system.publisherUrl}${path}`, {
      method,
      headers,
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  async function read(url: string) {
    const response = await fetch(url, { headers: asOperator });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  }

  /** Waits until a view has reached a version, closed or not. */
  const view = (name: string, path: string, version: number) =>
    until(async () => {
      const answer = await read(`${urlOf(name)}${path}`);
      return Number(answer.body.version) >= version && answer;
    });

  test('a price that changes is seen by both consumers', async () => {
    await command('POST', '/shops', { ...aShop, id: 'price' });
    await command('PATCH', '/shops/price/menu/item_soup', { price: 7000 });
    expect((await view('display', '/shops/price', 2)).body).toMatchObject({ from: 7000, menu: [{ price: 7000 }] });
    expect((await view('ad', '/ads/price', 2)).body).toMatchObject({ headline: { name: '김치찌개', price: 7000 } });
  });

  test('what travels is exactly the id and the type', async () => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: 'listener' }));
    await sns.send(
      new SubscribeCommand({
        TopicArn: system.provisioned.topicArn,
        Protocol: 'sqs',
        Endpoint: 'arn:aws:sqs:us-east-1:000000000000:listener',
        Attributes: { RawMessageDelivery: 'true' },
      }),
    );
    await command('POST', '/shops', { ...aShop, id: 'wire', name: 'Secret Name' });
    const ask = new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] });
    // A ring of the test before may come late: its view was right by the ring before that.
    const message = await until(async () => {
      const { Messages = [] } = await sqs.send(ask);
      return Messages.find(({ Body = '' }) => Body.includes('wire'));
    });
    expect(message.Body).toBe('{"id":"wire","type":"shop.registered"}');
    expect(Object.keys(message.MessageAttributes ?? {}).toSorted()).toEqual([
      'eventId',
      'occurredAt',
      'type',
      'version',
    ]);
    expect(JSON.stringify(message)).not.toContain('Secret');
  });

  test('a message with a third key lands in the dead-letter queue with its reason', async () => {
    const place = system.provisioned.consumers.display;
    const MessageBody = '{"id":"price","type":"shop.opened","price":9000}';
    await sqs.send(new SendMessageCommand({ QueueUrl: place?.queueUrl, MessageBody }));
    const ask = new ReceiveMessageCommand({
      QueueUrl: place?.deadLetterQueueUrl,
      WaitTimeSeconds: 20,
      MessageAttributeNames: ['All'],
    });
    const [dead] = (await sqs.send(ask)).Messages ?? [];
    expect(dead?.Body).toBe(MessageBody);
    expect(dead?.MessageAttributes).toMatchObject({
      reason: { StringValue: 'malformed-notification' },
      detail: { StringValue: '"price" has no place in a notification: id and type only' },
    });
    expect((await read(`${urlOf('display')}/shops/price`)).body.from).toBe(7000);
  });

  test('of prices that change at once none is lost', async () => {
    await command('POST', '/shops', { ...aShop, id: 'race' });
    const prices = Array.from({ length: 50 }, (_, n) => 8000 + n);
    const answers = await Promise.all(prices.map((price) => command('PATCH', '/shops/race/menu/item_soup', { price })));
    expect(answers.map(({ status }) => status)).toEqual(prices.map(() => 200));
    const { menu } = (await read(`${system.publisherUrl}/shops/race`)).body as { menu: { price: number }[] };
    expect((await view('display', '/shops/race', 51)).body).toMatchObject({ version: 51, from: menu[0]?.price });
    expect((await view('ad', '/ads/race', 51)).body).toMatchObject({ headline: { price: menu[0]?.price } });
  });

  test('a shop that closed cannot be rung back to life', async () => {
    await command('POST', '/shops', { ...aShop, id: 'closed' });
    await command('POST', '/shops/closed/close');
    expect(await view('display', '/shops/closed', 2)).toMatchObject({ status: 410, body: { version: 2 } });
    for (const { queueUrl } of Object.values(system.provisioned.consumers))
      await sqs.send(
        new SendMessageCommand({ QueueUrl: queueUrl, MessageBody: '{"id":"closed","type":"shop.registered"}' }),
      );
    // The rings of the two commands carry a version; the ones sent by hand do not.
    const byHand = (event: ConsumerEvent) =>
      event.kind === 'settled' && event.ring.id === 'closed' && event.ring.version === undefined;
    await until(() => events.filter(([, event]) => byHand(event)).length === 2);
    expect((await read(`${urlOf('display')}/shops/closed`)).status).toBe(410);
    expect((await read(`${urlOf('ad')}/ads/closed`)).status).toBe(410);
  });

  test('a change of hours lets the ad consumer sleep, a change of owner the display consumer', async () => {
    await command('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
    await command('POST', '/shops', { ...aShop, id: 'quiet' });
    await view('ad', '/ads/quiet', 1);
    await command('PUT', '/shops/quiet/hours', { hours: '24시간' });
    expect((await view('display', '/shops/quiet', 2)).body.hours).toBe('24시간');
    await command('PUT', '/shops/quiet/owner', { ownerId: 'kim' });
    expect((await view('ad', '/ads/quiet', 3)).body.owner).toBe('Min-ji');
    const rung = (name: string) =>
      events.flatMap(([consumer, event]) =>
        consumer === name && event.kind === 'settled' && event.ring.id === 'quiet' ? event.ring.type : [],
      );
    // A view is written before its ring is settled, and the queues keep no order.
    await until(() => rung('ad').length >= 2 && rung('display').length >= 2);
    expect(rung('ad').toSorted()).toEqual(['shop.owner-changed', 'shop.registered']);
    expect(rung('display').toSorted()).toEqual(['shop.hours-changed', 'shop.registered']);
  });
});
