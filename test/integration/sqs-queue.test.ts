import { ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { queueCases } from '../../consumers/testing/queue-cases.ts';
import { type MessageAttributes, writeAttributes } from '../../contracts/wire/attributes.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { testBroker } from '../support/broker.ts';
import { httpServer, json } from '../support/http-server.ts';

const never = new AbortController().signal;

type Transport = 'lean' | 'sdk';

async function world(transport: Transport) {
  const { client, stage } = await testBroker();
  const { consumers } = await provision(shopTopologyOf(stage), client);
  const place = consumers.display ?? { queueUrl: '', deadLetterQueueUrl: '' };
  const sdk = new SQSClient(client);
  const queue = createSqsQueue({ ...place, client, transport, clock: systemClock });
  onTestFinished(() => {
    sdk.destroy();
    void queue.close();
  });
  const send = (...bodies: string[]) =>
    sdk.send(
      new SendMessageBatchCommand({
        QueueUrl: place.queueUrl,
        Entries: bodies.map((MessageBody, n) => ({
          Id: String(n),
          MessageBody,
          MessageAttributes: writeAttributes('shop.opened', { version: n + 1 }),
        })),
      }),
    );
  const sendOne = (MessageBody: string, MessageAttributes: MessageAttributes) =>
    sdk.send(new SendMessageCommand({ QueueUrl: place.queueUrl, MessageBody, MessageAttributes }));
  const dead = async () => {
    const command = new ReceiveMessageCommand({
      QueueUrl: place.deadLetterQueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
    return (await sdk.send(command)).Messages ?? [];
  };
  return { queue, send, sendOne, dead };
}

describe.each<Transport>(['lean', 'sdk'])('a queue by the %s transport', (transport) => {
  test.each(queueCases)('$name', ({ run }) =>
    run(async () => {
      const { queue, sendOne, dead } = await world(transport);
      const letters = async () =>
        (await dead()).map(({ Body = '', MessageAttributes = {} }) => ({
          body: Body,
          attributes: MessageAttributes as MessageAttributes,
        }));
      return { queue, letters, send: sendOne, pass: async () => {} };
    }),
  );

  test('an entry that fails is named by its place', async () => {
    // fauxqs takes any receipt handle; SQS refuses one it doesn't know, and says so in an answer of 200.
    const { url } = await httpServer((_, response) =>
      json(response, 200, {
        Successful: [{ Id: '1' }],
        Failed: [{ Id: '0', Code: 'ReceiptHandleIsInvalid', SenderFault: true, Message: 'no such handle' }],
      }),
    );
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const client = { endpoint: url, region: 'us-east-1', credentials };
    const queue = createSqsQueue({
      queueUrl: `${url}/000000000000/q`,
      deadLetterQueueUrl: `${url}/000000000000/d`,
      client,
      transport,
      clock: systemClock,
    });
    onTestFinished(() => queue.close());
    const message = { messageId: 'm', receiptHandle: 'h', body: 'b', attributes: {}, receiveCount: 1, sentAt: 0 };
    expect(await queue.remove([message, message])).toEqual([0]);
    expect(await queue.release([message, message].map((each) => ({ message: each, seconds: 1 })))).toEqual([0]);
  });

  test('a dead letter keeps its body and attributes and says why it is there', async () => {
    const { queue, send, dead } = await world(transport);
    await send('{"id":"a"}');
    const [message] = await queue.receive(10, 0, never);
    if (message === undefined) throw new Error('a message was sent');
    const letter = { message, reason: 'source-refused', status: 403, detail: 'no\u0000\ud800 entry' } as const;
    expect(await queue.bury([letter])).toEqual([]);
    const [buried] = await dead();
    const attributes = Object.fromEntries(
      Object.entries(buried?.MessageAttributes ?? {}).map(([name, { StringValue }]) => [name, StringValue]),
    );
    expect(buried?.Body).toBe('{"id":"a"}');
    expect(attributes).toEqual({
      type: 'shop.opened',
      version: '1',
      reason: 'source-refused',
      status: '403',
      detail: 'no   entry',
      attempts: '1',
    });
  });

  test('ten letters of 100 KB are buried in several calls', async () => {
    const { queue, send, dead } = await world(transport);
    await send('x');
    const [message] = await queue.receive(10, 0, never);
    if (message === undefined) throw new Error('a message was sent');
    const letters = Array.from({ length: 10 }, (_, n) => ({
      message: { ...message, body: String(n).repeat(100_000) },
      reason: 'malformed-notification' as const,
      detail: '',
    }));
    expect(await queue.bury(letters)).toEqual([]);
    expect(await dead()).toHaveLength(10);
  });
});
