import { expect, test } from 'vitest';
import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { topologyOf } from '../../../localstack/infrastructure/topology.ts';

const agreements = [displayAgreement, adAgreement];

test('every consumer has a queue, a dead-letter queue and one for what SNS could not deliver', () => {
  const { topic, consumers } = topologyOf(agreements, 'test');
  expect(topic).toBe('test-shops');
  expect(
    consumers.map(({ queue, deadLetterQueue, undeliveredQueue }) => [
      queue.name,
      deadLetterQueue.name,
      undeliveredQueue.name,
    ]),
  ).toEqual([
    ['test-display', 'test-display-dead', 'test-display-undelivered'],
    ['test-ad', 'test-ad-dead', 'test-ad-undelivered'],
  ]);
});

test('the filter policy is the agreement, and lets through a body without attributes', () => {
  for (const [n, { filterPolicy }] of topologyOf(agreements).consumers.entries())
    expect(filterPolicy).toEqual({ type: [...(agreements[n]?.wakesOn ?? []), { exists: false }] });
});

test('dead letters live at least as long as what they come from', () => {
  for (const { queue, deadLetterQueue } of topologyOf(agreements).consumers)
    expect(deadLetterQueue.retentionSeconds).toBeGreaterThanOrEqual(queue.retentionSeconds);
});
