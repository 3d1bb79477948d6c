import { expect, onTestFinished, test } from 'vitest';
import { createSqsQueue } from '../../consumers/brokers/sqs/queue.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { writeAttributes } from '../../contracts/wire/attributes.ts';
import { provision } from '../../localstack/infrastructure/provision.ts';
import { shopTopologyOf } from '../../localstack/infrastructure/shop-topology.ts';
import { groupLetters, isCovered, peekLetters } from '../../localstack/operate/dead-letters/letters.ts';
import { purge, redrive } from '../../localstack/operate/dead-letters/redrive.ts';
import { testBroker } from '../support/broker.ts';
import { until } from '../support/wait.ts';

const never = new AbortController().signal;

async function world() {
  const { client, stage } = await testBroker();
  const { consumers } = await provision(shopTopologyOf(stage), client);
  const { queueUrl, deadLetterQueueUrl } = consumers.display ?? { queueUrl: '', deadLetterQueueUrl: '' };
  const queue = createSqsQueue({ queueUrl, deadLetterQueueUrl, client, clock: systemClock });
  const deadLetters = createSqsQueue({
    queueUrl: deadLetterQueueUrl,
    deadLetterQueueUrl: queueUrl,
    client,
    clock: systemClock,
  });
  onTestFinished(async () => {
    await Promise.all([queue.close(), deadLetters.close()]);
  });
  const message = (id: string, version: number) => ({
    messageId: '',
    receiptHandle: '',
    body: JSON.stringify({ id, type: 'shop.opened' }),
    attributes: writeAttributes('shop.opened', { version }),
    receiveCount: 2,
    sentAt: 0,
  });
  const letters = [
    { message: message('a', 3), reason: 'source-refused' as const, status: 403, detail: 'no entry' },
    { message: message('b', 4), reason: 'source-refused' as const, status: 403, detail: 'no entry' },
    { message: { ...message('c', 1), body: 'hello' }, reason: 'malformed-notification' as const, detail: 'not JSON' },
  ];
  await queue.bury(letters);
  const options = {
    client,
    queueUrl,
    deadLetterQueueUrl,
    deadLetters,
    onProgress: () => {},
    signal: never,
    all: false,
  };
  const meant = async (reason?: string) =>
    (await peekLetters(deadLetters, never)).filter((letter) => reason === undefined || letter.reason === reason);
  return { queue, deadLetters, options, meant };
}

test('dead letters can be looked at without taking them', async () => {
  const { deadLetters } = await world();
  for (let times = 0; times < 2; times++) {
    const letters = await peekLetters(deadLetters, never);
    expect(letters.map(({ shopId, version, reason, status }) => [shopId, version, reason, status]).toSorted()).toEqual([
      [null, 1, 'malformed-notification', ''],
      ['a', 3, 'source-refused', '403'],
      ['b', 4, 'source-refused', '403'],
    ]);
  }
});

test('they are grouped by reason and status, and those that a view has covered by now are counted', async () => {
  const { deadLetters } = await world();
  const letters = await peekLetters(deadLetters, never);
  const views = new Map([
    ['a', 3],
    ['b', 3],
  ]);
  const groups = groupLetters(letters, views);
  expect(groups.map(({ reason, letters, covered }) => [reason, letters, covered]).toSorted()).toEqual([
    ['malformed-notification', 1, 0],
    ['source-refused', 2, 1],
  ]);
  expect(letters.filter((letter) => isCovered(letter, views)).map(({ shopId }) => shopId)).toEqual(['a']);
});

test('those of one reason are put back into their queue, without what the burial added', async () => {
  const { queue, deadLetters, options, meant } = await world();
  expect(await redrive(options, await meant('source-refused'))).toEqual({ moved: 2, by: 'hand' });
  const messages = await until(async () => {
    const some = await queue.receive(10, 1, never);
    return some.length === 2 && some;
  });
  expect(messages.map(({ body }) => JSON.parse(body).id).toSorted()).toEqual(['a', 'b']);
  expect(Object.keys(messages[0]?.attributes ?? {}).toSorted()).toEqual(['type', 'version']);
  expect((await peekLetters(deadLetters, never)).map(({ reason }) => reason)).toEqual(['malformed-notification']);
});

test('all of them are put back by the move task of SQS, where the broker has one', async () => {
  const { queue, deadLetters, options, meant } = await world();
  const { moved, by } = await redrive({ ...options, all: true }, await meant());
  expect(moved).toBe(3);
  expect(by).toBe(process.env.DOORBELL_TEST_BROKER === undefined ? 'hand' : 'move task');
  const bodies: string[] = [];
  await until(async () => {
    bodies.push(...(await queue.receive(10, 1, never)).map(({ body }) => body));
    return bodies.length === 3;
  });
  expect(await peekLetters(deadLetters, never)).toEqual([]);
});

test('ten of 100 KB each are put back in several calls', async () => {
  const { queue, deadLetters, options, meant } = await world();
  await purge(options, await meant());
  const body = `"${'x'.repeat(100_000)}"`;
  const message = { messageId: '', receiptHandle: '', body, attributes: {}, receiveCount: 1, sentAt: 0 };
  const letter = { message, reason: 'malformed-notification' as const, detail: 'no object' };
  await queue.bury(Array.from({ length: 10 }, () => letter));
  expect(await redrive(options, await meant())).toEqual({ moved: 10, by: 'hand' });
  const bodies: string[] = [];
  await until(async () => {
    bodies.push(...(await queue.receive(10, 1, never)).map((each) => each.body));
    return bodies.length === 10;
  });
  expect(new Set(bodies)).toEqual(new Set([body]));
  expect(await peekLetters(deadLetters, never)).toEqual([]);
});

test('those of one reason are deleted for good', async () => {
  const { deadLetters, options, meant } = await world();
  expect(await purge(options, await meant('malformed-notification'))).toBe(1);
  expect(await peekLetters(deadLetters, never)).toHaveLength(2);
  expect(await purge(options, await meant())).toBe(2);
  expect(await peekLetters(deadLetters, never)).toEqual([]);
});
