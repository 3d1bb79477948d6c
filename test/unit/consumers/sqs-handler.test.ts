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
