import { expect, test } from 'vitest';
import type { ConsumerState, Deployed, Expected } from '../../../localstack/operate/doctor/state.ts';
import {
  arnOf,
  dead,
  display,
  displayFilter,
  found,
  queue,
  setQueue,
  setSubscription,
  subscription,
  topic,
  types,
  valueIn,
} from '../../support/deployed.ts';

type Case = [what: string, change: (deployed: Deployed, expected: Expected) => void, finding: object];

const cases: Case[] = [
  [
    'a filter that misses a type',
    (deployed) => void types(deployed).splice(types(deployed).indexOf('shop.closed'), 1),
    {
      check: 'filter-policy',
      severity: 'error',
      where: 'shop-display',
      what: 'its filter blocks shop.closed',
      remedy: setSubscription('FilterPolicy', `'${displayFilter}'`),
    },
  ],
  [
    'a filter that has a type more',
    (deployed) => void types(deployed).push('shop.owner-changed'),
    {
      check: 'filter-policy',
      severity: 'warning',
      what: 'its filter lets shop.owner-changed through, which is not in the agreement',
      remedy: setSubscription('FilterPolicy', `'${displayFilter}'`),
    },
  ],
  [
    'no filter',
    (deployed) => {
      subscription(deployed).filterPolicy = null;
    },
    { check: 'filter-policy', severity: 'warning', what: 'it has no filter: every type wakes the consumer' },
  ],
  [
    'a filter by attributes',
    (deployed) => {
      subscription(deployed).filterScope = 'MessageAttributes';
    },
    { check: 'filter-scope', severity: 'error', remedy: setSubscription('FilterPolicyScope', 'MessageBody') },
  ],
  [
    'raw delivery that is off',
    (deployed) => {
      subscription(deployed).raw = false;
    },
    { check: 'raw-delivery', severity: 'error', remedy: setSubscription('RawMessageDelivery', 'true') },
  ],
  [
    'a subscription that is not confirmed',
    (deployed) => {
      subscription(deployed).confirmed = false;
    },
    { check: 'subscription', severity: 'error', remedy: 'npm run doorbell -- deploy --stage shop' },
  ],
  [
    'no subscription',
    (deployed) => {
      display(deployed).subscription = { value: null };
    },
    { check: 'subscription', severity: 'error', where: 'shop-display' },
  ],
  [
    'a subscription without a dead-letter queue',
    (deployed) => {
      subscription(deployed).deadLetterTargetArn = null;
    },
    {
      check: 'subscription-dead-letters',
      severity: 'error',
      what: "a ring that SNS can't deliver is lost",
      remedy: setSubscription('RedrivePolicy', `'{"deadLetterTargetArn":"${arnOf('shop-display-undelivered')}"}'`),
    },
  ],
  [
    'no topic',
    (deployed) => {
      deployed.topic = { value: null };
      for (const state of Object.values(deployed.consumers)) state.subscription = { value: null };
    },
    { check: 'topic', severity: 'error', where: 'shop-shops' },
  ],
  [
    'a topic without a key',
    (deployed) => {
      topic(deployed).encrypted = false;
    },
    { check: 'topic-encryption', severity: 'warning' },
  ],
  [
    'no queue for the undelivered',
    (deployed) => {
      display(deployed).undeliveredQueue = { value: null };
    },
    { check: 'queues', severity: 'error', where: 'shop-display-undelivered' },
  ],
  [
    "a visibility below six times the function's timeout",
    (deployed) => {
      queue(deployed).visibilitySeconds = 59;
    },
    { check: 'visibility', severity: 'error', remedy: setQueue('shop-display', '{"VisibilityTimeout":"60"}') },
  ],
  [
    'a visibility too short for a worker',
    ({ consumers }) => {
      valueIn((consumers.ad as ConsumerState).queue).visibilitySeconds = 29;
    },
    {
      check: 'visibility',
      where: 'shop-ad',
      what: 'a message is delivered again after 29 s, and a look may take longer',
      remedy: setQueue('shop-ad', '{"VisibilityTimeout":"30"}'),
    },
  ],
  [
    'a queue without a dead-letter queue',
    (deployed) => {
      queue(deployed).redrive = null;
    },
    {
      check: 'redrive',
      severity: 'error',
      what: 'a message that was received too often goes nowhere, and is received for ever',
    },
  ],
  [
    'letters that go to another queue',
    (deployed) => {
      queue(deployed).redrive = { deadLetterTargetArn: arnOf('other'), maxReceiveCount: 1_000 };
    },
    { check: 'redrive', severity: 'error', what: `a message that was received too often goes to ${arnOf('other')}` },
  ],
  [
    'a low maxReceiveCount',
    (deployed) => {
      queue(deployed).redrive = { ...valueIn({ value: queue(deployed).redrive }), maxReceiveCount: 3 };
    },
    {
      check: 'max-receive-count',
      severity: 'error',
      what: 'maxReceiveCount is 3, not 1,000: while the source is away, good rings become dead letters',
    },
  ],
  [
    'a dead-letter queue that takes from anybody',
    (deployed) => {
      dead(deployed).redriveAllow = null;
    },
    { check: 'redrive-allow', severity: 'warning', where: 'shop-display-dead' },
  ],
  [
    'a dead-letter queue that takes from nobody',
    (deployed) => {
      dead(deployed).redriveAllow = { redrivePermission: 'denyAll' };
    },
    { check: 'redrive-allow', severity: 'error', what: 'it refuses dead letters of shop-display (denyAll)' },
  ],
  [
    'rings that are forgotten after four days',
    (deployed) => {
      queue(deployed).retentionSeconds = 345_600;
    },
    {
      check: 'retention',
      severity: 'error',
      what: 'rings are deleted after 4 days, not 14 days',
      remedy: setQueue('shop-display', '{"MessageRetentionPeriod":"1209600"}'),
    },
  ],
  [
    'letters that are forgotten before rings',
    (deployed) => {
      dead(deployed).retentionSeconds = 345_600;
    },
    { check: 'retention', where: 'shop-display-dead' },
  ],
  [
    'a queue with the key that SNS may not use',
    (deployed) => {
      queue(deployed).encryption = 'aws';
    },
    { check: 'queue-encryption', severity: 'error' },
  ],
  [
    'a queue that lets rings wait',
    (deployed) => {
      queue(deployed).delaySeconds = 900;
    },
    { check: 'delay', severity: 'warning', remedy: setQueue('shop-display', '{"DelaySeconds":"0"}') },
  ],
  [
    'a queue that does not encrypt',
    (deployed) => {
      queue(deployed).encryption = null;
    },
    {
      check: 'queue-encryption',
      severity: 'warning',
      remedy: setQueue('shop-display', '{"SqsManagedSseEnabled":"true"}'),
    },
  ],
];

test.each(cases)('%s is found, and nothing else', (_, change, finding) => {
  const { findings } = found(change);
  expect(findings).toEqual([expect.objectContaining(finding)]);
  expect(findings[0]?.remedy).not.toBe('');
});
