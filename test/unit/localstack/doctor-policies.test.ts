import { expect, test } from 'vitest';
import type { Deployed, Expected } from '../../../localstack/operate/doctor/state.ts';
import { arnOf, dead, found, queue, statements, TOPIC_ARN, undelivered } from '../../support/deployed.ts';

type Case = [what: string, change: (deployed: Deployed, expected: Expected) => void, finding: object];

const cases: Case[] = [
  [
    'a queue that does not let the topic send',
    (deployed) => {
      statements(queue(deployed)).shift();
    },
    { check: 'queue-policies', severity: 'error', what: `its policy does not let ${TOPIC_ARN} send` },
  ],
  [
    'a queue into which anybody may send',
    (deployed) => {
      statements(queue(deployed)).push({ Sid: 'open', Effect: 'Allow', Principal: '*', Action: 'SQS:Send*' });
    },
    {
      check: 'queue-policies',
      severity: 'warning',
      what: 'its policy also allows sqs:SendMessage to anyone without a condition (open)',
    },
  ],
  [
    'a queue that takes from any topic of anybody',
    (deployed) => {
      Object.assign(statements(queue(deployed))[0] ?? {}, { Condition: {} });
    },
    { check: 'queue-policies', severity: 'warning', where: 'shop-display' },
  ],
  [
    'a queue that takes from another topic, too',
    (deployed) => {
      const Condition = { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:eu-west-1:111122223333:*' } };
      Object.assign(statements(queue(deployed))[0] ?? {}, { Condition });
    },
    { check: 'queue-policies', severity: 'warning', what: expect.stringContaining('sns:eu-west-1:111122223333:*') },
  ],
  [
    'a queue that takes what comes without TLS',
    (deployed) => {
      statements(undelivered(deployed)).pop();
    },
    { check: 'queue-policies', severity: 'warning', where: 'shop-display-undelivered' },
  ],
  [
    'a queue from which anybody may take',
    (deployed) => {
      statements(queue(deployed)).push({ Effect: 'Allow', Principal: '*', Action: ['sqs:ReceiveMessage'] });
    },
    { severity: 'warning', what: 'its policy also allows sqs:ReceiveMessage to anyone without a condition' },
  ],
  [
    'a queue that is open by what its policy leaves out',
    (deployed) => {
      const but = { NotPrincipal: { AWS: 'arn:aws:iam::111122223333:root' }, NotAction: 'sqs:DeleteQueue' };
      statements(queue(deployed)).push({ Effect: 'Allow', ...but });
    },
    {
      check: 'queue-policies',
      severity: 'warning',
      what: expect.stringMatching(/also allows sqs:SendMessage to everyone except .*:root/),
    },
  ],
  [
    'a dead-letter queue that anybody may read',
    (deployed) => {
      statements(dead(deployed)).push({ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sqs:*' });
    },
    { check: 'queue-policies', severity: 'warning', where: 'shop-display-dead' },
  ],
  [
    'a policy that refuses everybody',
    (deployed) => {
      statements(queue(deployed)).push({ Effect: 'Deny', Principal: '*', Action: 'sqs:*' });
    },
    {
      check: 'queue-policies',
      severity: 'error',
      what: expect.stringContaining('refuses messages of anyone without a condition'),
    },
  ],
];

test.each(cases)('%s is found, and nothing else', (_, change, finding) => {
  const { findings } = found(change);
  expect(findings).toEqual([expect.objectContaining(finding)]);
  expect(findings[0]?.remedy).not.toBe('');
});

test.each([
  ['another account', { StringEquals: { 'aws:SourceAccount': '999988887777' } }],
  ['an organization', { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } }],
])('a policy that lets the topic send only if it is of %s does not let it', (_, condition) => {
  const { findings } = found((deployed) => {
    const [rule] = statements(queue(deployed));
    Object.assign(rule?.Condition ?? {}, condition);
  });
  expect(findings[0]).toMatchObject({ severity: 'error', what: `its policy does not let ${TOPIC_ARN} send` });
});

test('a policy that is about another queue does not let the topic send', () => {
  const { findings } = found((deployed) => {
    Object.assign(statements(queue(deployed))[0] ?? {}, { Resource: arnOf('other') });
  });
  expect(findings[0]).toMatchObject({ severity: 'error', what: `its policy does not let ${TOPIC_ARN} send` });
});
