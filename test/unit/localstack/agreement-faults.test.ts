import { expect, test } from 'vitest';
import { agreementFaults } from '../../../localstack/infrastructure/agreement-faults.ts';
import { shopAgreementFaults } from '../../../localstack/infrastructure/shop-agreements.ts';
import { found } from '../../support/deployed.ts';

const search = { name: 'search', version: 1, path: '/search/products' };
const stock = { name: 'stock', version: 1, path: '/stock/products' };
const next = { ...search, version: 2, path: '/search/v2/products' };
const all = [search, stock];
const whole = { agreements: all, sources: all, consumers: all };

test('agreements with a source and a consumer each have no fault, and the shops have none', () => {
  expect(agreementFaults(whole)).toEqual({ errors: [], warnings: [] });
  expect(shopAgreementFaults()).toEqual({ errors: [], warnings: [] });
});

test('the consumer of a version serves the other version, whose source must be there', () => {
  const agreements = [...all, next];
  expect(agreementFaults({ agreements, sources: agreements, consumers: [next, stock] })).toEqual({
    errors: [],
    warnings: [],
  });
  expect(agreementFaults({ ...whole, agreements }).errors).toEqual([
    'Agreement search@2 has no source: the publisher would answer 404 at its path.',
  ]);
});

test.each([
  [{ sources: [stock], consumers: [stock] }, 'Agreement search@1 has no source and no consumer: the publisher would'],
  [{ sources: [search] }, 'Agreement stock@1 has no source: the publisher would'],
  [{ sources: [...all, stock] }, 'Two sources are for agreement stock@1: remove one'],
  [
    { consumers: [...all, next], agreements: [...all, next], sources: [...all, next] },
    'Two consumers are called search',
  ],
  [{ agreements: [search] }, 'The source of agreement stock@1 is used, but the agreement is not in the list.'],
  [{ agreements: [search], sources: [search] }, 'The consumer of agreement stock@1 is used'],
  [{ agreements: [search, { ...stock, path: search.path }] }, 'The agreements search@1 and stock@1 have one path'],
])('%j is an error in words', (change, sentence) => {
  expect(agreementFaults({ ...whole, ...change }).errors[0]).toContain(sentence);
});

test('an agreement whose consumer lives elsewhere is a warning', () => {
  expect(agreementFaults({ ...whole, consumers: [stock] })).toEqual({
    errors: [],
    warnings: ['Agreement search@1 has no consumer here: its rings wait in its queue until one runs.'],
  });
});

test('the doctor finds them', () => {
  const faults = { errors: ['Two consumers are called a.'], warnings: ['Agreement b@1 has no consumer here.'] };
  const { findings } = found((_, expected) => {
    expected.agreementFaults = faults;
  });
  expect(findings).toMatchObject([
    { check: 'agreements', severity: 'error', what: faults.errors[0] },
    { check: 'agreements', severity: 'warning', what: faults.warnings[0] },
  ]);
});
