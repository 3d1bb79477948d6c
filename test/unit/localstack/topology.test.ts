import { expect, test } from 'vitest';
import { adAgreement } from '../../../contracts/shops/agreements/ad.ts';
import { consumerNames } from '../../../contracts/shops/agreements/all.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { shopTopologyOf } from '../../../localstack/infrastructure/shop-topology.ts';
import { topologyOf } from '../../../localstack/infrastructure/topology.ts';

const agreements = [displayAgreement, adAgreement];

test('every consumer has a queue, a dead-letter queue and one for what SNS could not deliver', () => {
  const { topic, consumers } = shopTopologyOf('test');
  expect(topic).toBe('test-shops');
  expect(
    consumers.map(({ queue, deadLetterQueue, undeliveredQueue }) => [
      queue.name,
      deadLetterQueue.name,
      undeliveredQueue.name,
    ]),
  ).toEqual(consumerNames.map((name) => [`test-${name}`, `test-${name}-dead`, `test-${name}-undelivered`]));
});

test('the filter policy is the agreement, and lets through a body without attributes', () => {
  for (const [n, { filterPolicy }] of topologyOf(agreements).consumers.entries())
    expect(filterPolicy).toEqual({ type: [...(agreements[n]?.wakesOn ?? []), { exists: false }] });
});

test('dead letters live at least as long as what they come from', () => {
  for (const { queue, deadLetterQueue } of topologyOf(agreements).consumers)
    expect(deadLetterQueue.retentionSeconds).toBeGreaterThanOrEqual(queue.retentionSeconds);
});

test('the topic of others than the shops is called by the stage and -changes, or as they say', () => {
  expect(topologyOf([], 'prod').topic).toBe('prod-changes');
  expect(topologyOf([], 'prod', { topic: 'products' }).topic).toBe('products');
});

test('agreements in conflict have no topology, and neither have consumers that would share a queue', () => {
  const { name, version, path, wakesOn } = displayAgreement;
  const twin = { name: 'twin', version, path, wakesOn };
  expect(() => topologyOf([displayAgreement, twin])).toThrow('display@1 and twin@1 have one path, /display/shops');
  expect(() => topologyOf([displayAgreement, { ...twin, name, path: '/twin' }])).toThrow(
    'Two agreements are display@1',
  );
  expect(() => topologyOf([displayAgreement, { name: 'display-dead', wakesOn }])).toThrow(
    'The consumers display and display-dead would share the queue doorbell-display-dead: rename one of them.',
  );
});
