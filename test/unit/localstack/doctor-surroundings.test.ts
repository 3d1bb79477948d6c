import { expect, test } from 'vitest';
import type { Deployed } from '../../../localstack/operate/doctor/state.ts';
import { found } from '../../support/deployed.ts';

type Case = [what: string, change: (deployed: Deployed) => void, finding: object];

const cases: Case[] = [
  [
    'a clock that is a minute ahead',
    (deployed) => {
      deployed.skewMs = { value: 60_000 };
    },
    { check: 'clock', severity: 'warning' },
  ],
  [
    'a clock that is ten minutes behind',
    (deployed) => {
      deployed.skewMs = { value: -600_000 };
    },
    { check: 'clock', severity: 'error', what: expect.stringContaining('600 s behind') },
  ],
  [
    'a source that is not well',
    (deployed) => {
      Object.assign(deployed.source ?? {}, { health: { value: 503 } });
    },
    { check: 'source', severity: 'error', what: 'GET /healthz answers 503: the publisher is not healthy' },
  ],
  [
    'a token that opens nothing',
    (deployed) => void Object.assign(deployed.source?.tokens ?? {}, { display: { value: 401 } }),
    {
      check: 'tokens',
      severity: 'error',
      where: 'token of display',
      remedy: expect.stringContaining('Put the SHA-256 of this token'),
    },
  ],
  [
    'a source API of something else',
    (deployed) => void Object.assign(deployed.source?.tokens ?? {}, { display: { value: 404 } }),
    { check: 'tokens', severity: 'error', remedy: expect.stringContaining('DOORBELL_SOURCE_URL') },
  ],
  [
    'a token that was asked for too often',
    (deployed) => void Object.assign(deployed.source?.tokens ?? {}, { display: { value: 429 } }),
    { check: 'tokens', severity: 'not-checked', remedy: expect.stringContaining('DOORBELL_RATE_LIMIT') },
  ],
  [
    'a schema that is behind',
    (deployed) => {
      deployed.database = { value: { pending: ['0009-unused-slot.sql'], unknown: [], changed: [] } };
    },
    { check: 'database', severity: 'error', what: 'migrations are not applied: 0009-unused-slot.sql' },
  ],
];

test.each(cases)('%s is found, and nothing else', (_, change, finding) => {
  const { findings } = found(change);
  expect(findings).toEqual([expect.objectContaining(finding)]);
  expect(findings[0]?.remedy).not.toBe('');
});
