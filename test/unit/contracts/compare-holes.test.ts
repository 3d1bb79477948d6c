import { expect, test } from 'vitest';
import type { ResponseObject } from '../../../contracts/documents/openapi.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { displayAgreement } from '../../../contracts/shops/agreements/display.ts';
import { componentOf, contractsAfter, contractsWith, operationOf, verdicts } from '../../support/changed-contracts.ts';

test('a required field that is called as a new problem code is still a required field', () => {
  const now = contractsAfter((contracts) => {
    contracts.terms.problems.licence = { status: 409, retryable: false };
    const body = componentOf(contracts, 'RegisterShop');
    Object.assign(body.properties, { licence: { type: 'string' } });
    body.required.push('licence');
  });
  expect(verdicts(now).filter((line) => line.startsWith('breaking'))).toEqual([
    expect.stringContaining('POST /shops body.licence'),
  ]);
});

test('a version that was released beside the old one is not its successor', () => {
  const second = { ...displayAgreement, version: 2, path: '/display/v2/shops' };
  const before = contractsWith({ agreements: [...agreements, second] });
  const now = contractsWith({ agreements: [...agreements.filter(({ name }) => name !== 'display'), second] });
  expect(verdicts(now, before)).toContain('breaking display: display@1 is gone');
});

test('a shop that leaves the answer breaks its consumer', () => {
  const now = contractsAfter((contracts) => {
    const responses = operationOf(contracts, '/display/shops/{id}', 'get').responses as Record<string, unknown>;
    const text = JSON.stringify(responses['200']).replaceAll('"resource"', '"data"');
    responses['200'] = JSON.parse(text);
    const schemas = contracts.apis['publisher.openapi.json']?.components.schemas ?? {};
    for (const [name, schema] of Object.entries(schemas))
      if (JSON.stringify(responses['200']).includes(`/${name}"`))
        schemas[name] = JSON.parse(JSON.stringify(schema).replaceAll('"resource"', '"data"'));
  });
  expect(verdicts(now).filter((line) => line.startsWith('breaking'))).not.toEqual([]);
});

test('a refusal that is never given any more breaks whoever waits for it', () => {
  const now = contractsAfter((contracts) => {
    const { responses } = operationOf(contracts, '/display/shops/{id}', 'get');
    delete (responses as Record<string, unknown>)['410'];
  });
  expect(verdicts(now)).toContain('breaking display: GET /display/shops/{id} never says resource-gone now');
});

test('a header that a refusal has no more breaks whoever reads it', () => {
  const now = contractsAfter((contracts) => {
    const { responses } = operationOf(contracts, '/display/shops/{id}', 'get');
    const { content } = responses['503'] as ResponseObject;
    responses['503'] = { description: 'behind', ...(content && { content }) };
  });
  expect(verdicts(now)).toContain('breaking display: GET /display/shops/{id} 503 header Retry-After is gone');
});

test('a default that is given up means something else to whoever leaves the field out', () => {
  const now = contractsAfter((contracts) => {
    delete componentOf(contracts, 'RegisterShop').properties.openness?.default;
  });
  expect(verdicts(now)).toEqual([expect.stringContaining('openness is nothing by default; it was "open"')]);
});
