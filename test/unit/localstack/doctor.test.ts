import { describe, expect, test } from 'vitest';
import { diagnose } from '../../../localstack/operate/doctor/diagnose.ts';
import { expectedOf } from '../../../localstack/operate/doctor/expected.ts';
import { diagnosisJson, diagnosisText } from '../../../localstack/operate/doctor/print.ts';
import type { Deployed, Expected } from '../../../localstack/operate/doctor/state.ts';
import {
  dead,
  display,
  expectedDeployment,
  found,
  queue,
  rightDeployment,
  subscription,
  undelivered,
  valueIn,
  waker,
} from '../../support/deployed.ts';

test('a right deployment has no finding, and everything was looked at', () => {
  const { findings, well } = found(() => {});
  expect(findings).toEqual([]);
  // 12 of the whole; of each consumer 16, and of display 6 more about function and table.
  expect(well).toBe(50);
});
type Case = [what: string, change: (deployed: Deployed, expected: Expected) => void, finding: object];

const cases: Case[] = [
  [
    'a mapping that reports no failures',
    (deployed) => {
      waker(deployed).reportsFailures = false;
    },
    {
      check: 'event-sources',
      severity: 'error',
      where: 'shop-display',
      remedy:
        'aws lambda update-event-source-mapping --uuid mapping-1 --function-response-types ReportBatchItemFailures --region eu-west-1',
    },
  ],
  [
    'a mapping that is off',
    (deployed) => {
      waker(deployed).enabled = false;
    },
    { check: 'event-sources', severity: 'error', what: 'it is never invoked: its event source mapping is off' },
  ],
  [
    'more at a time than may run',
    (deployed) => {
      waker(deployed).maximumConcurrency = 6;
    },
    { check: 'concurrency', severity: 'warning' },
  ],
  [
    'a function without its table',
    (deployed) => {
      display(deployed).table = { value: null };
    },
    { check: 'table', severity: 'error', where: 'shop-display-views' },
  ],
  [
    'a table whose TTL is off',
    (deployed) => {
      valueIn(display(deployed).table).timeToLive = { value: null };
    },
    {
      check: 'time-to-live',
      severity: 'error',
      remedy:
        'aws dynamodb update-time-to-live --table-name shop-display-views --time-to-live-specification Enabled=true,AttributeName=expiresAt --region eu-west-1',
    },
  ],
  [
    'a table without an index',
    (deployed) => void valueIn(display(deployed).table).indexes.pop(),
    { check: 'indexes', severity: 'error', what: 'the table has no index city: queries that need it fail' },
  ],
  [
    'tombstones that go before rings',
    (_, expected) => {
      expected.tombstoneSeconds = 14 * 86_400;
    },
    { check: 'tombstones', severity: 'error', where: 'shop-display-views' },
  ],
  [
    'letters',
    (deployed) => {
      dead(deployed).messages = 1_234;
    },
    { check: 'dead-letters', severity: 'warning', where: 'shop-display-dead', what: '~1,234 dead letters' },
  ],
  [
    'rings that SNS could not deliver',
    (deployed) => {
      undelivered(deployed).messages = 2;
    },
    { check: 'undelivered', severity: 'error', where: 'shop-display-undelivered' },
  ],
  [
    'eleven attributes',
    (_, expected) => void expected.attributes.ring.push('more'),
    { check: 'attributes', severity: 'error', where: 'shop-shops' },
  ],
];

test.each(cases)('%s is found, and nothing else', (_, change, finding) => {
  const { findings } = found(change);
  expect(findings).toEqual([expect.objectContaining(finding)]);
  expect(findings[0]?.remedy).not.toBe('');
});

type Refused = { notChecked: string };

describe('what could not be read', () => {
  test.each<[what: string, check: string, right: string, change: (deployed: Deployed, refused: Refused) => void]>([
    [
      'the topic',
      'topic',
      'sns:GetTopicAttributes',
      (deployed, refused) => void Object.assign(deployed, { topic: refused }),
    ],
    [
      'the subscription',
      'subscription',
      'sns:ListSubscriptionsByTopic',
      (deployed, refused) => void Object.assign(display(deployed), { subscription: refused }),
    ],
    [
      'the queue',
      'queues',
      'sqs:GetQueueAttributes',
      (deployed, refused) => void Object.assign(display(deployed), { queue: refused }),
    ],
  ])('of %s is an error that names the right, and is never counted as well', (_, check, right, change) => {
    const expected = expectedDeployment();
    const deployed = rightDeployment(expected);
    change(deployed, { notChecked: 'AccessDenied: no' });
    const diagnosis = diagnose(deployed, expected);
    expect(diagnosis.findings).toEqual([
      expect.objectContaining({ check, severity: 'error', what: 'could not be read: AccessDenied: no' }),
    ]);
    expect(diagnosis.findings[0]?.remedy).toContain(right);
    expect(diagnosis.well).toBeLessThan(found(() => {}).well);
    expect(diagnosisText(diagnosis, deployed, expected)).not.toContain('✔');
  });

  test('of functions leaves the queues to be compared as for workers', () => {
    const { findings } = found((deployed) => {
      display(deployed).wakers = { notChecked: 'there is no such service' };
      queue(deployed).visibilitySeconds = 29;
    });
    expect(findings.map(({ check, severity }) => [check, severity])).toEqual([
      ['visibility', 'error'],
      ['event-sources', 'not-checked'],
    ]);
  });

  test('nobody said where source and database are', () => {
    const { findings } = found((deployed) => {
      deployed.source = null;
      deployed.database = null;
    });
    expect(findings.map(({ check, remedy }) => [check, remedy])).toEqual([
      ['source', 'Set DOORBELL_SOURCE_URL.'],
      ['database', 'Set DATABASE_URL.'],
    ]);
  });

  test('a stand-in encrypts nothing, which is said once', () => {
    const { findings } = found((deployed) => {
      deployed.isStandIn = true;
      queue(deployed).encryption = null;
    });
    expect(findings).toEqual([expect.objectContaining({ check: 'topic-encryption', severity: 'not-checked' })]);
  });
});

test('people read the worst first, each with its remedy, and programs a line for each', () => {
  const expected = expectedDeployment();
  const deployed = rightDeployment(expected);
  deployed.database = null;
  dead(deployed).messages = 3;
  subscription(deployed).raw = false;
  const diagnosis = diagnose(deployed, expected);
  const text = diagnosisText(diagnosis, deployed, expected);
  expect(text.split('\n').filter((line) => !line.startsWith('    '))).toEqual([
    'Doorbell doctor · shop · region eu-west-1 · arn:aws:iam::111122223333:user/operator',
    '✖ raw-delivery  shop-display  raw delivery is off: rings come in an envelope, and each becomes a dead letter',
    '! dead-letters  shop-display-dead  ~3 dead letters',
    '? database  database  not checked: its URL is not given',
    '47 checks passed, 1 errors, 1 warnings, 1 not checked',
  ]);
  const lines = diagnosisJson(diagnosis)
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines.map(({ schemaVersion, kind }) => [schemaVersion, kind])).toEqual([
    [1, 'finding'],
    [1, 'finding'],
    [1, 'finding'],
    [1, 'sum'],
  ]);
  expect(lines[3]).toEqual({ schemaVersion: 1, kind: 'sum', well: 47, errors: 1, warnings: 1, notChecked: 1 });
});

test('a ring and its burial have ten attributes together', () => {
  const { ring, burial } = expectedOf('shop', { isRunHere: false, endpoint: null, client: {} }).attributes;
  expect([ring.length, burial.length]).toEqual([6, 4]);
});
