import { readFileSync } from 'node:fs';
import { SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { expect, onTestFinished, test } from 'vitest';
import { adAgreement } from '../../contracts/shops/agreements/ad.ts';
import { printed, run } from '../support/dev-process.ts';
import { importShops } from '../support/import-shops.ts';
import { production, sourceTokenOf } from '../support/production.ts';
import { asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

/** Of the ids, which end in hex digits: some 180 shops of each file. */
const SOME = /0[0-7]$/;

/** Our publisher, and on its topic a queue of somebody else, as they would make it by hand. */
async function world() {
  const { client, aws, topology, topicArn, startPublisher } = await production();
  const [sns, sqs] = [new SNSClient(client), new SQSClient(client)];
  onTestFinished(() => {
    sns.destroy();
    sqs.destroy();
  });
  const subscribe = async (name: string, attributes: Record<string, string>) => {
    const { QueueUrl = '' } = await sqs.send(new CreateQueueCommand({ QueueName: `${topology.topic}-${name}` }));
    const arn = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] });
    const Endpoint = (await sqs.send(arn)).Attributes?.QueueArn;
    const Attributes = { RawMessageDelivery: 'true', ...attributes };
    await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint, Attributes }));
    return QueueUrl.replace(/^http:\/\/[^/]+/, String(client.endpoint).replace(/\/$/, ''));
  };
  const publisher = await startPublisher();
  return { aws, sqs, subscribe, publisher };
}

type Shops = Map<string, unknown>;

/** What the agreed API shows of every shop, asked as anybody would; null for those that have closed. */
async function shopsOf(url: string, token: string): Promise<Shops> {
  const shops: Shops = new Map();
  for (let after: string | null = ''; after !== null; ) {
    const answer = await fetch(`${url}?after=${after}`, { headers: { authorization: `Bearer ${token}` } });
    const page = (await answer.json()) as { resources: { id: string; resource?: unknown }[]; next: string | null };
    for (const { id, resource = null } of page.resources) shops.set(id, resource);
    after = page.next;
  }
  return shops;
}

/** Takes messages out of a queue until there is one of this type among them. */
async function takeUntil(type: string, sqs: SQSClient, QueueUrl: string): Promise<Message[]> {
  const messages: Message[] = [];
  const ask = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageAttributeNames: ['All'] };
  await until(async () => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(ask));
    const Entries = Messages.map(({ ReceiptHandle }, n) => ({ Id: String(n), ReceiptHandle }));
    if (Entries.length > 0) await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    messages.push(...Messages);
    return Messages.some(({ Body = '' }) => typeOf(Body) === type);
  });
  return messages;
}

const typeOf = (body: string) => (JSON.parse(body) as { type: string }).type;

test('a consumer by sqs-consumer, with nothing of ours, has in the end what the source has', async () => {
  const { aws, sqs, subscribe, publisher } = await world();
  const { name, path, wakesOn } = adAgreement;
  const queueUrl = await subscribe('foreign', {
    FilterPolicyScope: 'MessageBody',
    FilterPolicy: JSON.stringify({ type: wakesOn }),
  });
  const everything = await subscribe('everything', {});
  const place = { url: `${publisher.url}${path}`, token: sourceTokenOf(name) };
  const program = { QUEUE_URL: queueUrl, SHOPS_URL: place.url, SHOPS_TOKEN: place.token };
  const foreign = run('test/foreign/consumer.ts', [], { ...aws, ...program });
  onTestFinished(() => void foreign.child.kill('SIGKILL'));

  const first = await importShops(publisher.url, 'shops-2021-03.csv', SOME);
  await printed(foreign, '"shop.registered"');
  const later = await importShops(publisher.url, 'shops-2024-02.csv', SOME);
  const hours = {
    method: 'PUT',
    headers: { ...asOperator, 'content-type': 'application/json' },
    body: '{"hours":"24시간"}',
  };
  const [open = ''] = [...(await shopsOf(place.url, place.token))].flatMap(([id, shop]) => (shop === null ? [] : id));
  expect((await fetch(`${publisher.url}/shops/${open}/hours`, hours)).status).toBe(200);
  const source = await shopsOf(place.url, place.token);
  expect(source.size).toBe(first.registered + later.registered);
  const looks = () =>
    foreign
      .output()
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; type: string; resource: unknown });
  await until(() => {
    const kept: Shops = new Map(looks().map(({ id, resource }) => [id, resource]));
    return [...source].every(([id, shop]) => JSON.stringify(kept.get(id)) === JSON.stringify(shop));
  });
  foreign.child.kill('SIGTERM');
  expect(await foreign.ended).toMatchObject({ code: 0, stderr: '' });

  // What nobody here has agreed to be woken by reaches whoever filters nothing, and nobody else.
  const messages = await takeUntil('shop.hours-changed', sqs, everything);
  expect(messages.length).toBeGreaterThan(100);
  expect(looks().map(({ type }) => type)).not.toContain('shop.hours-changed');
  expect(messages.flatMap(notAsDocumented)).toEqual([]);
});

const document = JSON.parse(readFileSync('docs/api/doorbell.asyncapi.json', 'utf8'));
const ajv = new Ajv({ strict: false });
formats.default(ajv);
ajv.addSchema(document, 'asyncapi');
const isPayload = ajv.compile({ $ref: 'asyncapi#/components/messages/notification/payload' });
const areHeaders = ajv.compile({ $ref: 'asyncapi#/components/messages/notification/headers' });

/** What is wrong with a message by the document that a foreign consumer reads. */
function notAsDocumented({ Body = '', MessageAttributes = {} }: Message): unknown[] {
  const headers = Object.entries(MessageAttributes).map(([name, { StringValue }]) => [name, StringValue]);
  const faults = [
    ...(isPayload(JSON.parse(Body)) ? [] : (isPayload.errors ?? [])),
    ...(areHeaders(Object.fromEntries(headers)) ? [] : (areHeaders.errors ?? [])),
  ];
  return faults.map(({ instancePath, message }) => `${Body}: ${instancePath} ${message}`);
}
