import { expect, test } from 'vitest';
import { createSqsHandler } from '../../../consumers/runtime/sqs-handler.ts';
import { smallConsumer } from '../../support/small-consumer.ts';
import { smallWorld } from '../../support/worker.ts';

function handlerIn(world: ReturnType<typeof smallWorld>, queue = world.queue.queue) {
  const { source, store, clock } = world;
  const handler = createSqsHandler({ consumer: smallConsumer, queue, source, store, clock, observe: () => {} });
  return (ids: string[], remaining: number) =>
    handler(
      {
        Records: ids.map((id) => ({
          messageId: `m-${id}`,
          receiptHandle: `r-${id}`,
          body: JSON.stringify({ id, type: 'shop.registered' }),
          attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
          messageAttributes: { note: { dataType: 'Binary' } },
        })),
      },
      { getRemainingTimeInMillis: () => remaining },
    );
}

const failedOf = ({ batchItemFailures }: { batchItemFailures: { itemIdentifier: string }[] }) =>
  batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);

test('an event without records is done at once', async () => {
  expect(await handlerIn(smallWorld())([], 15_000)).toEqual({ batchItemFailures: [] });
});

test('what is not done two seconds before the end of the invocation comes again', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'soup');
  world.source.delay = 60_000;
  let isOver = false;
  const answer = handlerIn(world)(['a'], 15_000).finally(() => {
    isOver = true;
  });
  await world.clock.advance(12_900);
  expect(isOver).toBe(false);
  await world.clock.advance(200);
  expect(failedOf(await answer)).toEqual(['m-a']);
  expect(await world.view('a')).toBeUndefined();
});

test('a queue that does not answer costs nothing of what was done', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'soup');
  const queue = { ...world.queue.queue, release: () => new Promise<number[]>(() => {}) };
  const answer = handlerIn(world, queue)(['a', 'nowhere'], 15_000);
  await world.clock.advance(14_100);
  expect(failedOf(await answer)).toEqual(['m-nowhere']);
  expect((await world.view('a'))?.version).toBe(1);
});

test('what is no event of SQS is refused by its name', async () => {
  const { source, store, clock, queue } = smallWorld();
  const handler = createSqsHandler({
    consumer: smallConsumer,
    queue: queue.queue,
    source,
    store,
    clock,
    observe: () => {},
  });
  for (const event of [{}, null, { Records: 'no' }, { version: '2.0', rawPath: '/' }])
    await expect(handler(event as never, { getRemainingTimeInMillis: () => 15_000 })).rejects.toThrow(
      'no event of SQS',
    );
});

test('a record that is next to nothing goes to the dead-letter queue, and costs its neighbours nothing', async () => {
  const world = smallWorld();
  world.source.set('a', 1, 'soup');
  const { source, store, clock, queue } = world;
  const handler = createSqsHandler({
    consumer: smallConsumer,
    queue: queue.queue,
    source,
    store,
    clock,
    observe: () => {},
  });
  const body = '{"id":"a","type":"shop.registered"}';
  const records = [
    { messageId: 'm-bare', receiptHandle: 'r' },
    { messageId: 'm-null', receiptHandle: 'r-n', body: null, attributes: null, messageAttributes: null },
    { messageId: 'm-a', receiptHandle: 'r-a', body },
  ];
  const answer = handler({ Records: records } as never, { getRemainingTimeInMillis: () => 15_000 });
  await clock.advance(1_000);
  expect(failedOf(await answer)).toEqual([]);
  expect(queue.dead.map(({ message }) => message.messageId)).toEqual(['m-bare', 'm-null']);
  expect((await world.view('a'))?.version).toBe(1);
});

test('a thousand records are looked at in batches, and all of them are done', async () => {
  const world = smallWorld();
  const ids = Array.from({ length: 1_000 }, (_, n) => `s${n}`);
  for (const id of ids) world.source.set(id, 1, 'x');
  const answer = handlerIn(world)(ids, 15_000);
  await world.clock.advance(5_000);
  expect(failedOf(await answer)).toEqual([]);
  expect(world.source.looks.length).toBeLessThan(30);
});

test('while the source is away an event is given back after one look, and the first success opens it again', async () => {
  const world = smallWorld();
  const ids = Array.from({ length: 10 }, (_, n) => `s${n}`);
  for (const id of ids) world.source.set(id, 1, 'x');
  const handle = handlerIn(world);
  const invoke = async () => {
    const answer = handle(ids, 15_000);
    const before = world.source.looks.length;
    await world.clock.advance(1_000);
    return { failed: failedOf(await answer).length, looks: world.source.looks.slice(before).length };
  };
  world.source.isAway = true;
  for (let n = 0; n < 3; n++) expect((await invoke()).failed).toBe(10);
  expect(await invoke()).toEqual({ failed: 10, looks: 1 });
  world.source.isAway = false;
  expect((await invoke()).failed).toBe(0);
});
