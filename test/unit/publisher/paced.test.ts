import { expect, test } from 'vitest';
import { settled, virtualClock } from '../../../consumers/testing/clock.ts';
import type { Publish } from '../../../publisher/relay/ring.ts';
import { paced } from '../../../publisher/shops/replay/paced.ts';
import { ring } from '../../support/ring.ts';

const never = new AbortController().signal;

function world(rate: number) {
  const clock = virtualClock();
  const start = clock.now();
  const calls: number[] = [];
  const publish: Publish = async (rings, signal) => {
    signal.throwIfAborted();
    calls.push(clock.now() - start);
    return rings.map(() => ({ accepted: true }));
  };
  let setBack = 0;
  const shown = { ...clock, now: () => clock.now() - setBack };
  const setBackBy = (ms: number) => {
    setBack += ms;
  };
  return { clock, calls, setBackBy, publish: paced(publish, rate, shown) };
}

const ten = Array.from({ length: 10 }, (_, n) => ring(n + 1));

test('calls wait for their turn, however many come at once, so that no second has more rings than it may', async () => {
  const { clock, calls, publish } = world(40);
  for (let n = 0; n < 4; n++) void publish(ten, never);
  await clock.advance(1_000);
  expect(calls).toEqual([0, 250, 500, 750]);
});

test('time that nobody used is not saved up', async () => {
  const { clock, calls, publish } = world(40);
  await clock.advance(10_000);
  void publish(ten, never);
  void publish(ten, never);
  await clock.advance(1_000);
  expect(calls).toEqual([10_000, 10_250]);
});

test('a clock that is set back by an hour delays nobody by an hour, and the rate holds', async () => {
  const { clock, calls, setBackBy, publish } = world(40);
  void publish(ten, never);
  void publish(ten, never);
  setBackBy(3_600_000);
  void publish(ten, never);
  void publish(ten, never);
  await clock.advance(1_000);
  expect(calls).toEqual([0, 250, 500, 750]);
});

test('whoever waits is let go when it is stopped, and rings nobody', async () => {
  const { calls, publish } = world(1);
  const stopping = new AbortController();
  await publish(ten, stopping.signal);
  const waiting = publish(ten, stopping.signal).catch(() => 'stopped');
  await settled();
  stopping.abort();
  expect(await waiting).toBe('stopped');
  expect(calls).toEqual([0]);
});
