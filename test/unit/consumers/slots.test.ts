import { expect, test } from 'vitest';
import { createSlots } from '../../../consumers/runtime/queue/semaphore.ts';
import { settled } from '../../support/clock.ts';

const never = new AbortController().signal;

test('no more messages are in hand than there are slots', async () => {
  const slots = createSlots(15);
  expect(await slots.reserve(10, never)).toBe(10);
  expect(await slots.reserve(10, never)).toBe(5);
  let third = -1;
  void slots.reserve(10, never).then((count) => {
    third = count;
  });
  await settled();
  expect(third).toBe(-1);
  slots.free(1);
  await settled();
  expect(third).toBe(1);
});

test('stopping ends the wait for a slot', async () => {
  const slots = createSlots(1);
  await slots.reserve(1, never);
  const stopping = new AbortController();
  const waiting = slots.reserve(1, stopping.signal);
  stopping.abort();
  expect(await waiting).toBe(0);
});

test('empty resolves when the last message has left', async () => {
  const slots = createSlots(10);
  await slots.reserve(2, never);
  let isEmpty = false;
  void slots.empty().then(() => {
    isEmpty = true;
  });
  slots.free(1);
  await settled();
  expect(isEmpty).toBe(false);
  slots.free(1);
  await settled();
  expect(isEmpty).toBe(true);
});
