import { expect, test } from 'vitest';
import { createFreshness } from '../../../consumers/freshness.ts';
import { createFunctionMetrics } from '../../../consumers/lambda/metrics.ts';
import { createMetrics } from '../../../consumers/metrics.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import type { Ring } from '../../../consumers/runtime/queue/ring.ts';

const message = { messageId: '', receiptHandle: '', body: '', attributes: {}, receiveCount: 1, sentAt: 0 };

const settled = (more: Partial<Ring>): ConsumerEvent => ({
  kind: 'settled',
  ring: { id: 'a', type: 'shop.opened', occurredAt: 1_000, message, ...more },
  outcome: 'applied',
  version: 1,
  gone: false,
  at: 1_500,
  ms: 1,
});

test('the time from ring to view is measured of live rings; those that ring again are only counted', async () => {
  const { observe, text } = createMetrics('display', createFreshness({ now: () => 1_500 }));
  observe(settled({}));
  observe(settled({ lane: 'replay' }));
  const metrics = await text();
  expect(metrics).toContain('doorbell_settled_total{outcome="applied",consumer="display"} 2');
  expect(metrics).toContain('doorbell_ring_to_view_seconds_count{consumer="display"} 1');
});

const day = 24 * 60 * 60 * 1_000;

test.each([
  ['a second', 1_000, 1, {}],
  ['no time', 0, 1, {}],
  ['14 days, as long as SQS keeps a message', 14 * day, 1, {}],
  ['30 days', 30 * day, 1, {}],
  ['30 days and a millisecond', 30 * day + 1, 0, { 'too-old': 1 }],
  ['400 days, by a clock that jumped', 400 * day, 0, { 'too-old': 1 }],
  [
    'the time since 1970, by a publisher that counts in seconds',
    1_795_515_300_000 - 1_795_515_300,
    0,
    { 'too-old': 1 },
  ],
  ['a millisecond less than nothing', -1, 0, { negative: 1 }],
  ['400 days less than nothing', -400 * day, 0, { negative: 1 }],
  [
    'some 57,000 years less than nothing, by one that counts in microseconds',
    -1_793_719_784_700_000,
    0,
    { negative: 1 },
  ],
])('an age of %s is measured, or counted apart where a clock is wrong', async (_, age, measured, implausible) => {
  const { observe, text } = createMetrics('display', createFreshness({ now: () => 1_500 }));
  const inFunction = createFunctionMetrics({ Stage: 'prod', Consumer: 'display' });
  const at = 1_795_515_300_000;
  for (const hear of [observe, inFunction.observe]) hear({ ...settled({ occurredAt: at - age }), at } as ConsumerEvent);
  const metrics = await text();
  expect(metrics).toContain(`doorbell_ring_to_view_seconds_count{consumer="display"} ${measured}`);
  expect(metrics).toContain(`doorbell_ring_to_view_seconds_sum{consumer="display"} ${measured * (age / 1_000)}`);
  const counted = [...metrics.matchAll(/^doorbell_implausible_ages_total\{age="([\w-]+)".*\} (\d+)$/gm)];
  expect(Object.fromEntries(counted.map(([, why, count]) => [why, Number(count)]))).toEqual(implausible);
  const line = JSON.parse(inFunction.line(at) ?? '{}');
  expect([line.RingToView, line.ImplausibleAges]).toEqual(measured ? [[age], undefined] : [undefined, 1]);
});
