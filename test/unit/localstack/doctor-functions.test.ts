import { expect, test } from 'vitest';
import type { Deployed } from '../../../localstack/doctor/state.ts';
import { found, waker } from '../../support/deployed.ts';

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
    { check: 'event-sources', severity: 'error', what: expect.stringContaining('SQS deletes what that keeps away') },
  ],
];

test.each(cases)('%s is found, and nothing else', (_, change, finding) => {
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
