import { expect, test } from 'vitest';
import { createBatcher } from '../../../consumers/runtime/queue/batcher.ts';
import { settled, virtualClock } from '../../../consumers/testing/clock.ts';

function batching(answer: (entries: readonly string[], call: number) => number[] = () => []) {
  const clock = virtualClock();
  const calls: string[][] = [];
  const send = async (entries: readonly string[]) => {
    calls.push([...entries]);
    return answer(entries, calls.length);
  };
  return { clock, calls, batcher: createBatcher<string>({ send, size: 10, linger: 20, clock }) };
}

test('ten entries go at once, fewer wait for company a short while', async () => {
  const { clock, calls, batcher } = batching();
  const done = Array.from({ length: 12 }, (_, n) => batcher.add(`e${n}`));
  await settled();
  expect(calls.map((call) => call.length)).toEqual([10]);
  await clock.advance(20);
  expect(calls.map((call) => call.length)).toEqual([10, 2]);
  expect(await Promise.all(done)).toEqual(Array.from({ length: 12 }, () => true));
});

test('an entry that fails is sent again, the others are not', async () => {
  const { clock, calls, batcher } = batching((_, call) => (call === 1 ? [1] : []));
  const done = Promise.all(['a', 'b', 'c'].map(batcher.add));
  await clock.advance(100);
  expect(await done).toEqual([true, true, true]);
  expect(calls).toEqual([['a', 'b', 'c'], ['b']]);
});

test('an entry that fails every time is said to have failed', async () => {
  const { clock, calls, batcher } = batching(() => {
    throw new Error('away');
  });
  const done = batcher.add('a');
  await clock.advance(1_000);
  expect(await done).toBe(false);
  expect(calls).toHaveLength(3);
});

test('flush sends what waits and resolves when nothing is under way', async () => {
  const { calls, batcher } = batching();
  const done = batcher.add('a');
  await batcher.flush();
  expect(calls).toEqual([['a']]);
  expect(await done).toBe(true);
});
