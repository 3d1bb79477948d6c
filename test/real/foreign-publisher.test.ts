import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { CreateTopicCommand, SNSClient } from '@aws-sdk/client-sns';
import { expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { peekLetters } from '../../localstack/operate/dead-letters/letters.ts';
import { untilEqual } from '../support/equal.ts';
import { importShops } from '../support/import-shops.ts';
import { production, sourceTokenOf } from '../support/production.ts';
import { asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

const NAMES = ['display', 'ad'];

/** Of the ids, which end in hex digits: some 180 shops of each file. */
const SOME = /0[0-7]$/;

/** A source whose own relay rings a topic that nobody hears, our consumers, and a program in Python that rings instead of it. */
async function world() {
  const { client, aws, topology, topicArn, places, viewsOf, startPublisher, startConsumer } = await production();
  const sns = new SNSClient(client);
  const unheard = await sns.send(new CreateTopicCommand({ Name: `${topology.topic}-unheard` }));
  sns.destroy();
  const source = await startPublisher({ DOORBELL_TOPIC_ARN: unheard.TopicArn ?? '' });
  const consumers: { url: string }[] = [];
  for (const name of NAMES) consumers.push(await startConsumer(name, source.url));
  const ring = async (bodies: unknown[]) => {
    // boto3 doesn't know AWS_REGION.
    const env = { ...process.env, ...aws, AWS_DEFAULT_REGION: aws.AWS_REGION };
    const child = spawn('python', ['test/foreign/publisher.py', topicArn], {
      env,
      stdio: ['pipe', 'inherit', 'inherit'],
    });
    child.stdin.end(bodies.map((body) => JSON.stringify(body)).join('\n'));
    expect(await once(child, 'close')).toEqual([0, null]);
  };
  const placeOf = (name: string) => ({ name, views: viewsOf(name), sourceUrl: source.url, token: sourceTokenOf(name) });
  /** Waits until each consumer has received so many messages: views alone may come from the feed, too. */
  const untilReceived = async (messages: number) => {
    for (const { url } of consumers)
      await until(async () => {
        const metrics = await (await fetch(`${url}/metrics`)).text();
        return Number(/^doorbell_received_total\{.*\} (\d+)$/m.exec(metrics)?.[1] ?? 0) >= messages;
      });
  };
  const ids = async () => {
    const answer = await fetch(`${source.url}/shops?limit=500`, { headers: asOperator });
    return ((await answer.json()) as { shops: { id: string }[] }).shops.map(({ id }) => id);
  };
  return { client, places, source, ring, untilReceived, placeOf, ids };
}

test('a body in Python and no attributes are enough: our consumers come and look', async () => {
  const { source, ring, untilReceived, placeOf, ids } = await world();
  const { registered } = await importShops(source.url, 'shops-2021-03.csv', SOME);
  await ring((await ids()).map((id) => ({ id, type: 'shop.registered' })));
  await untilReceived(registered);
  for (const name of NAMES) expect(await untilEqual(placeOf(name))).toEqual({ shops: registered, tombstones: 0 });

  const later = await importShops(source.url, 'shops-2024-02.csv', SOME);
  // The type says only whether to look: whatever has happened, one is as good as another. Nor is the order of keys agreed on.
  await ring((await ids()).map((id) => ({ type: 'shop.details-changed', id })));
  for (const name of NAMES)
    expect(await untilEqual(placeOf(name))).toEqual({
      shops: registered + later.registered,
      tombstones: later.closed,
    });
  expect([later.registered, later.changed, later.closed].map((some) => some > 20)).toEqual([true, true, true]);
});

test('a wrong body of a foreign publisher becomes a dead letter that says why, and its neighbours pass', async () => {
  const { client, places, source, ring, placeOf, ids } = await world();
  const { registered } = await importShops(source.url, 'shops-2021-03.csv', SOME);
  const [first = '', ...others] = await ids();
  const type = 'shop.opened';
  const wrong = [
    [{ id: first, type, price: 7000 }, '"price" has no place in a notification: id and type only'],
    [{ id: '../admin', type }, '"id": '],
    [{ id: 7, type }, '"id": '],
    [{ id: first }, '"type": '],
    [{ id: 'x'.repeat(300), type }, 'bytes; a notification has at most 256'],
  ] as const;
  await ring([{ id: first, type }, ...wrong.map(([body]) => body), ...others.map((id) => ({ id, type }))]);

  for (const name of NAMES) {
    expect(await untilEqual(placeOf(name))).toEqual({ shops: registered, tombstones: 0 });
    const { queueUrl = '', deadLetterQueueUrl = '' } = places[name] ?? {};
    const back = { queueUrl: deadLetterQueueUrl, deadLetterQueueUrl: queueUrl, client, clock: systemClock };
    const deadLetters = createSqsQueue(back);
    onTestFinished(() => deadLetters.close());
    const letters = await until(async () => {
      const some = await peekLetters(deadLetters, new AbortController().signal);
      return some.length === wrong.length && some;
    });
    for (const [body, why] of wrong) {
      const letter = letters.find(({ message }) => isSame(message.body, body));
      expect(letter, JSON.stringify(body)).toMatchObject({
        reason: 'malformed-notification',
        detail: expect.stringContaining(why),
      });
    }
  }
});

const isSame = (text: string, body: unknown) => JSON.stringify(JSON.parse(text)) === JSON.stringify(body);
