import { ReceiveMessageCommand, SendMessageBatchCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { writeAttributes } from '../../contracts/wire/attributes.ts';
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
  const dead = async () => {
    const command = new ReceiveMessageCommand({
      QueueUrl: place.deadLetterQueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
    });
    return (await sdk.send(command)).Messages ?? [];
  };
  return { queue, send, dead };
}

describe.each<Transport>(['lean', 'sdk'])('a queue by the %s transport', (transport) => {
  test('receives bodies, attributes and receive counts', async () => {
    const { queue, send } = await world(transport);
    await send('a', 'b');
    const messages = await queue.receive(10, 0, never);
    expect(
      messages
        .map(({ body, attributes, receiveCount }) => [body, attributes.version?.StringValue, receiveCount])
        .toSorted(),
    ).toEqual([
      ['a', '1', 1],
      ['b', '2', 1],
    ]);
  });

  test('a message that is removed is gone, one that is released comes again', async () => {
    const { queue, send } = await world(transport);
    await send('a', 'b');
    const messages = await queue.receive(10, 0, never);
    const [a, b] = messages.toSorted((x, y) => (x.body < y.body ? -1 : 1));
    if (a === undefined || b === undefined) throw new Error('two messages were sent');
    expect(await queue.remove([a])).toEqual([]);
    expect(await queue.release([{ message: b, seconds: 0 }])).toEqual([]);
    expect(await queue.receive(10, 1, never)).toMatchObject([{ body: 'b', receiveCount: 2 }]);
  });

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

  test('a long poll ends when it is stopped', async () => {
    const { queue } = await world(transport);
    const stopping = new AbortController();
    const polling = queue.receive(10, 20, stopping.signal);
    stopping.abort();
    await expect(polling).rejects.toThrow();
  });
});
