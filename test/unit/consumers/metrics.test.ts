import { expect, test } from 'vitest';
import { createMetrics } from '../../../consumers/metrics.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/events.ts';
import type { Ring } from '../../../consumers/runtime/inbox.ts';

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
  const { observe, text } = createMetrics('display');
  observe(settled({}));
  observe(settled({ lane: 'replay' }));
  const metrics = await text();
  expect(metrics).toContain('doorbell_settled_total{outcome="applied",consumer="display"} 2');
  expect(metrics).toContain('doorbell_ring_to_view_seconds_count{consumer="display"} 1');
});
