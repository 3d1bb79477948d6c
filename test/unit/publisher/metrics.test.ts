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
  const lines = (await text()).split('\n');
  expect(lines).toEqual(
    expect.arrayContaining([
      'doorbell_rung_total 1',
      'doorbell_collapsed_total 4',
      'doorbell_publish_retries_total 3',
      'doorbell_parked_total 1',
      'doorbell_relay_leading 1',
      'doorbell_relay_waiting_seconds 7',
      'doorbell_commit_to_ring_seconds_bucket{le="0.25"} 0',
      'doorbell_commit_to_ring_seconds_bucket{le="0.5"} 1',
    ]),
  );
  observe({ kind: 'failed', reason: 'the connection broke' });
  expect(await text()).toContain('doorbell_relay_leading 0');
});
