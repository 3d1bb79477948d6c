import { expect, test } from 'vitest';
import { settled, virtualClock } from '../../../consumers/testing/clock.ts';
import { createWake } from '../../../publisher/relay/wake.ts';

function waiting() {
  const clock = virtualClock();
  const wake = createWake(clock);
  const stopping = new AbortController();
  let woken = 0;
  const wait = () => void wake.wait(100, stopping.signal).then(() => woken++);
  return { clock, wake, stopping, wait, woken: () => woken };
}

test('a commit wakes the relay at once', async () => {
  const { wake, wait, woken } = waiting();
  wait();
  await settled();
  expect(woken()).toBe(0);
  wake.wake();
  await settled();
  expect(woken()).toBe(1);
});

test('a commit while the relay is busy is not forgotten, and a hundred are one', async () => {
  const { wake, wait, woken } = waiting();
  for (let n = 0; n < 100; n++) wake.wake();
  wait();
  await settled();
  expect(woken()).toBe(1);
  wait();
  await settled();
  expect(woken()).toBe(1);
});

test('what no wake-up announced is found by the poll', async () => {
  const { clock, wait, woken } = waiting();
  wait();
  await clock.advance(99);
  expect(woken()).toBe(0);
  await clock.advance(1);
  expect(woken()).toBe(1);
});

test('stopping ends the wait', async () => {
  const { stopping, wait, woken } = waiting();
  wait();
  stopping.abort();
  await settled();
  expect(woken()).toBe(1);
});
