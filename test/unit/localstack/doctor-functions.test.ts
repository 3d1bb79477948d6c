import { expect, test } from 'vitest';
import type { Deployed } from '../../../localstack/operate/doctor/state.ts';
import { arnOf, display, found, relay, valueIn, waker } from '../../support/deployed.ts';

type Case = [what: string, change: (deployed: Deployed) => void, finding: object];

const cases: Case[] = [
  [
    'a function of which none may run',
    (deployed) => {
      waker(deployed).reservedConcurrency = { value: 0 };
    },
    {
      check: 'concurrency',
      severity: 'error',
      remedy:
        'aws lambda put-function-concurrency --function-name shop-display --reserved-concurrent-executions 2 --region eu-west-1',
    },
  ],
  [
    'a mapping with a filter',
    (deployed) => {
      waker(deployed).isFiltered = true;
    },
    { check: 'event-sources', severity: 'error', what: expect.stringContaining('messages that it blocks are deleted') },
  ],
];

const off: Case[] = [
  [
    'a function whose mapping was deleted',
    (deployed) => {
      Object.assign(display(deployed), { wakers: { value: [] } });
    },
    {
      check: 'event-sources',
      severity: 'error',
      where: 'shop-display',
      what: 'it is never invoked: no event source mapping reads its queue',
      remedy: `aws lambda create-event-source-mapping --function-name shop-display --event-source-arn ${arnOf('shop-display')} --batch-size 100 --maximum-batching-window-in-seconds 1 --function-response-types ReportBatchItemFailures --region eu-west-1`,
    },
  ],
  [
    'a second function on one queue',
    (deployed) =>
      void valueIn(display(deployed).wakers).unshift({ ...waker(deployed), id: 'mapping-2', functionName: 'other' }),
    {
      check: 'event-sources',
      severity: 'warning',
      where: 'shop-display',
      what: 'other and shop-display read it: each ring goes to only one of them',
      remedy: 'aws lambda update-event-source-mapping --uuid mapping-2 --no-enabled --region eu-west-1',
    },
  ],
  [
    'a relay that no schedule starts',
    (deployed) => {
      relay(deployed).schedules = { value: [] };
    },
    {
      check: 'relay',
      severity: 'error',
      where: 'shop-publisher-relay',
      remedy: expect.stringMatching(
        /^aws events put-rule .* && aws lambda add-permission .*:rule\/shop-publisher-relay --region eu-west-1 && aws events put-targets .*:function:shop-publisher-relay --region eu-west-1$/,
      ),
    },
  ],
  [
    'a relay whose rule is off',
    (deployed) => {
      relay(deployed).schedules = { value: [{ name: 'every-minute', enabled: false }] };
    },
    {
      check: 'relay',
      severity: 'error',
      what: 'it never runs: its rule every-minute is off',
      remedy: 'aws events enable-rule --name every-minute --region eu-west-1',
    },
  ],
  [
    'a relay of which none may run',
    (deployed) => {
      relay(deployed).reservedConcurrency = { value: 0 };
    },
    { check: 'relay', severity: 'error', what: 'it may not run at all: its reserved concurrency is 0' },
  ],
  [
    'a relay whose schedule may not be read',
    (deployed) => {
      relay(deployed).schedules = { notChecked: 'AccessDeniedException: no' };
    },
    { check: 'relay', severity: 'not-checked', remedy: expect.stringContaining('events:ListRuleNamesByTarget') },
  ],
  [
    'a consumer whose function may not be read',
    (deployed) => {
      Object.assign(display(deployed), { wakers: { value: [] }, handler: { notChecked: 'AccessDeniedException: no' } });
    },
    { check: 'event-sources', severity: 'not-checked' },
  ],
];

test.each([...cases, ...off])('%s is found, and nothing else', (_, change, finding) => {
  const { findings } = found(change);
  expect(findings).toEqual([expect.objectContaining(finding)]);
});

test('a function of which one may run is given two, for no mapping wakes fewer', () => {
  const { findings } = found((deployed) => {
    waker(deployed).reservedConcurrency = { value: 1 };
  });
  expect(findings).toEqual([expect.objectContaining({ check: 'concurrency', severity: 'warning' })]);
  expect(findings[0]?.remedy).toContain('--reserved-concurrent-executions 2');
});

test('where there are no functions, workers and a process do their work', () => {
  const { findings } = found((deployed) => {
    Object.assign(display(deployed), { wakers: { value: [] }, handler: { value: null } });
    deployed.relay = { value: null };
  });
  expect(findings).toEqual([]);
});

test('two functions of which one is off share nothing', () => {
  const { findings } = found((deployed) => {
    const other = { ...waker(deployed), id: 'mapping-2', functionName: 'other', enabled: false };
    valueIn(display(deployed).wakers).push(other);
  });
  expect(findings.map(({ where, severity }) => [where, severity])).toEqual([['other', 'error']]);
});
