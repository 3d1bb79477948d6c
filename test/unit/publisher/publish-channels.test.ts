import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { publishInChannels } from '../../../publisher/relay/publish-channels.ts';
import type { Delivery, Publish, Ring } from '../../../publisher/relay/ring.ts';
import { ring } from '../../support/ring.ts';

const accepted: Delivery = { accepted: true };
const throttled: Delivery = { accepted: false, retryable: true, reason: 'Throttled' };
const refused: Delivery = { accepted: false, retryable: false, reason: 'InvalidParameter' };

/** Ten rings of one shop: one channel, one call. */
const ten = Array.from({ length: 10 }, (_, n) => ring(n + 1, 'shop_1', `shop.t${n}`));

function publishing(
  answer: (batch: Ring[], call: number) => Delivery[],
  onTheWay: () => Promise<void> = async () => {},
) {
  const clock = virtualClock();
  const calls: number[][] = [];
  const parked: { position: number; reason: string }[] = [];
  const retries: { reason: string; rings: number; attempt: number }[] = [];
  const publish: Publish = async (batch) => {
    calls.push(batch.map(({ position }) => position));
    const call = calls.length;
    await onTheWay();
    return answer(batch, call);
  };
  const park = async ({ position }: Ring, reason: string) => void parked.push({ position, reason });
  const onRetry = (reason: string, rings: number, attempt: number) => void retries.push({ reason, rings, attempt });
  const stopping = new AbortController();
  const run = (rings: Ring[]) => publishInChannels(rings, { publish, clock, park, onRetry }, stopping.signal);
  return { clock, calls, parked, retries, run, stop: () => stopping.abort() };
}

test.each([
  [undefined, 8],
  [1, 1],
  [24, 24],
])('of many shops, with %s channels, %i calls are in flight', async (channels, most) => {
  let inFlight = 0;
  let seen = 0;
  const publish: Publish = async (batch) => {
    seen = Math.max(seen, ++inFlight);
    await turn();
    inFlight--;
    return batch.map(() => accepted);
  };
  const deps = { publish, clock: virtualClock(), park: async () => {}, onRetry: () => {}, channels };
  const rings = Array.from({ length: 2_000 }, (_, n) => ring(n + 1, `shop_${n}`));
  expect(await publishInChannels(rings, deps, new AbortController().signal)).toBe(true);
  expect(seen).toBe(most);
});

test('rings travel ten to a call', async () => {
  const { calls, run } = publishing((batch) => batch.map(() => accepted));
  const rings = Array.from({ length: 95 }, (_, n) => ring(n + 1, 'shop_1', `shop.t${n}`));
  expect(await run(rings)).toBe(true);
  expect(calls.map((call) => call.length)).toEqual([10, 10, 10, 10, 10, 10, 10, 10, 10, 5]);
});

test('three of ten that fail are sent again first, and the other seven are not', async () => {
  const { clock, calls, retries, run } = publishing((batch, call) =>
    batch.map((_, n) => (call === 1 && n < 3 ? throttled : accepted)),
  );
  const done = run([...ten, ring(11)]);
  await clock.advance(1_000);
  expect(await done).toBe(true);
  expect(calls).toEqual([
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    [1, 2, 3, 11],
  ]);
  expect(retries).toEqual([{ reason: 'Throttled', rings: 3, attempt: 1 }]);
});

test('a call that fails as a whole is repeated as a whole', async () => {
  const { clock, calls, run } = publishing((batch, call) => {
    if (call === 1) throw new Error('socket hang up');
    return batch.map(() => accepted);
  });
  const done = run(ten);
  await clock.advance(1_000);
  expect(await done).toBe(true);
  expect(calls).toHaveLength(2);
});

test('an entry of which SNS said nothing counts as not sent', async () => {
  const { clock, calls, run } = publishing((batch, call) => (call === 1 ? [] : batch.map(() => accepted)));
  const done = run([ring(1)]);
  await clock.advance(1_000);
  expect(await done).toBe(true);
  expect(calls).toEqual([[1], [1]]);
});

test('a ring that SNS refuses for good is parked and blocks nobody', async () => {
  const { parked, calls, run } = publishing((batch) =>
    batch.map(({ position }) => (position === 4 ? refused : accepted)),
  );
  expect(await run(ten)).toBe(true);
  expect(parked).toEqual([{ position: 4, reason: 'InvalidParameter' }]);
  expect(calls).toHaveLength(1);
});

test('a ring that SNS refuses for good has been kept before publishing is over', async () => {
  const kept = Promise.withResolvers<void>();
  const publish: Publish = async (batch) => batch.map(() => refused);
  const deps = { publish, clock: virtualClock(), park: () => kept.promise, onRetry: () => {} };
  let isOver = false;
  const done = publishInChannels([ring(1)], deps, new AbortController().signal).finally(() => {
    isOver = true;
  });
  await turn();
  expect(isOver).toBe(false);
  kept.resolve();
  expect(await done).toBe(true);
});

test('a ring that can be neither sent nor kept ends publishing with the reason: nothing after it counts as rung', async () => {
  const publish: Publish = async (batch) => batch.map(() => refused);
  const park = () => Promise.reject(new Error('database away'));
  const deps = { publish, clock: virtualClock(), park, onRetry: () => {} };
  await expect(publishInChannels([ring(1)], deps, new AbortController().signal)).rejects.toThrow('database away');
});

test('when it is stopped during an outage it says so, and the checkpoint must not move', async () => {
  const { clock, run, stop } = publishing((batch) => batch.map(() => throttled));
  const done = run(ten);
  await clock.advance(60_000);
  stop();
  expect(await done).toBe(false);
});

test('not all is through where one channel of several is not', async () => {
  const { clock, run, stop } = publishing((batch) => batch.map(({ id }) => (id === 'shop_1' ? throttled : accepted)));
  const done = run(Array.from({ length: 40 }, (_, n) => ring(n + 1, `shop_${n % 4}`, `shop.t${n}`)));
  await clock.advance(60_000);
  stop();
  expect(await done).toBe(false);
});

test('eight calls are in flight at once, and a shop has all of its rings in one channel', async () => {
  let inFlight = 0;
  let most = 0;
  const waiting: (() => void)[] = [];
  const { run, calls } = publishing(
    (batch) => batch.map(() => accepted),
    async () => {
      most = Math.max(most, ++inFlight);
      await new Promise<void>((resolve) => waiting.push(resolve));
      inFlight--;
    },
  );
  const rings = Array.from({ length: 400 }, (_, n) => ring(n + 1, `shop_${n % 100}`, `shop.t${n}`));
  let isDone = false;
  const done = run(rings).finally(() => {
    isDone = true;
  });
  while (!isDone) {
    for (const answer of waiting.splice(0)) answer();
    await turn();
  }
  expect(await done).toBe(true);
  expect(most).toBe(8);
  expect(calls.flat()).toHaveLength(400);
});

test('pauses grow with each failure up to five seconds, and are drawn at random', async () => {
  const pauses: number[] = [];
  const clock = { now: () => 0, random: () => 0.5, sleep: async (ms: number) => void pauses.push(ms) };
  let calls = 0;
  const publish: Publish = async (batch) => batch.map(() => (++calls <= 8 ? throttled : accepted));
  const deps = { publish, clock, park: async () => {}, onRetry: () => {} };
  await publishInChannels([ring(1)], deps, new AbortController().signal);
  expect(pauses).toEqual([50, 100, 200, 400, 800, 1_600, 2_500, 2_500]);
});
