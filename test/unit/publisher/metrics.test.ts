import { expect, test } from 'vitest';
import { createRelayMetrics } from '../../../publisher/metrics.ts';
import { ring } from '../../support/ring.ts';

test('an operator sees what was rung, how late, and who leads', async () => {
  const { observe, text } = createRelayMetrics(() => 1_500);
  observe({ kind: 'leading', epoch: 1, position: 0 });
  observe({ kind: 'rung', rings: [{ ...ring(1), occurredAt: 1_000 }], collapsed: 4 });
  observe({ kind: 'retrying', reason: 'Throttled', rings: 3, attempt: 1 });
  observe({ kind: 'parked', ring: ring(2), reason: 'InvalidParameter' });
  observe({ kind: 'waiting-for-writer', position: 2, ms: 7_000 });
  observe({ kind: 'pruned', changes: 12 });
  observe({ kind: 'prune-failed', reason: 'no right' });
  const lines = (await text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'doorbell_rung_total 1',
      'doorbell_collapsed_total 4',
      'doorbell_publish_retries_total 3',
      'doorbell_parked_total 1',
      'doorbell_pruned_changes_total 12',
      'doorbell_prune_failures_total 1',
      'doorbell_relay_leading 1',
      'doorbell_relay_waiting_seconds 7',
      'doorbell_commit_to_ring_seconds_bucket{le="0.25"} 0',
      'doorbell_commit_to_ring_seconds_bucket{le="0.5"} 1',
    ]),
  );
  observe({ kind: 'failed', reason: 'the connection broke' });
  expect(await text()).toContain('doorbell_relay_leading 0');
});

const day = 24 * 60 * 60 * 1_000;

test.each([
  ['nothing', 0, 1, ''],
  ['three days, after an outage of the relay', 3 * day, 1, ''],
  ['30 days', 30 * day, 1, ''],
  ['400 days, by a clock that jumped', 400 * day, 0, 'too-old'],
  ['a minute less than nothing', -60_000, 0, 'negative'],
  ['400 days less than nothing', -400 * day, 0, 'negative'],
  ['none that is a number', Number.NaN, 0, 'too-old'],
])('an age of %s is measured, or counted apart where a clock is wrong', async (_, age, measured, why) => {
  const { observe, text } = createRelayMetrics(() => 1_795_515_300_000);
  observe({ kind: 'rung', rings: [{ ...ring(1), occurredAt: 1_795_515_300_000 - age }], collapsed: 0 });
  const metrics = await text();
  expect(metrics).toContain(`doorbell_commit_to_ring_seconds_count ${measured}`);
  expect(metrics).toContain(`doorbell_commit_to_ring_seconds_sum ${measured ? age / 1_000 : 0}`);
  expect(/implausible_ages_total\{age="([\w-]+)"\} 1/.exec(metrics)?.[1] ?? '').toBe(why);
});
