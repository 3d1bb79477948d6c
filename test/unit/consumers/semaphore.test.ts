import { expect, test } from 'vitest';
import { createSemaphore } from '../../../consumers/runtime/queue/semaphore.ts';
import { settled } from '../../../consumers/testing/clock.ts';

const never = new AbortController().signal;

test('no more messages are in hand than there are semaphore', async () => {
  const semaphore = createSemaphore(15);
  expect(await semaphore.reserve(10, never)).toBe(10);
  expect(await semaphore.reserve(10, never)).toBe(5);
  let third = -1;
  void semaphore.reserve(10, never).then((count) => {
    third = count;
  });
  await settled();
  expect(third).toBe(-1);
  semaphore.free(1);
  await settled();
  expect(third).toBe(1);
});

test('stopping ends the wait for a slot', async () => {
  const semaphore = createSemaphore(1);
  await semaphore.reserve(1, never);
  const stopping = new AbortController();
  const waiting = semaphore.reserve(1, stopping.signal);
  stopping.abort();
  expect(await waiting).toBe(0);
});

test('empty resolves when the last message has left', async () => {
  const semaphore = createSemaphore(10);
  await semaphore.reserve(2, never);
  let isEmpty = false;
  void semaphore.empty().then(() => {
    isEmpty = true;
  });
  semaphore.free(1);
  await settled();
  expect(isEmpty).toBe(false);
  semaphore.free(1);
  await settled();
  expect(isEmpty).toBe(true);
});
