import { expect, test } from 'vitest';
import { compareFilter } from '../../../localstack/operate/doctor/checks/filter.ts';
import { found, subscription } from '../../support/deployed.ts';

test('a filter is compared value by value', () => {
  const wanted = ['shop.opened', { exists: false }] as const;
  const compare = (policy: Record<string, unknown>) => compareFilter(policy, [...wanted]);
  expect(compare({ type: [{ exists: false }, 'shop.opened'] })).toEqual({ lost: [], needless: [] });
  expect(compare({ type: ['shop.opened'] }).needless).toEqual([
    'its filter drops bodies without a type, so that nothing reports them',
  ]);
  expect(compare({ type: [...wanted, { prefix: 'shop.' }] }).needless).toEqual([
    'its filter has {"prefix":"shop."}, which may let through types that are not in the agreement',
  ]);
  expect(compare({ type: [...wanted], city: ['Seoul'] }).lost).toEqual([
    'its filter also requires city, which no ring has',
  ]);
  expect(compare({}).lost).toEqual(['its filter does not name the type']);
});

test.each<[rule: unknown, isLost: boolean]>([
  [{ prefix: 'shop.' }, false],
  [{ prefix: 'shop.c' }, true],
  [{ suffix: '.opened' }, false],
  [{ suffix: '.closed' }, true],
  [{ exists: true }, false],
  [{ 'equals-ignore-case': 'Shop.Opened' }, false],
  [{ 'anything-but': 'shop.closed' }, false],
  [{ 'anything-but': ['shop.closed', 'shop.opened'] }, true],
  [{ 'anything-but': { prefix: 'owner.' } }, false],
  [{ 'anything-but': { suffix: ['.closed', '.opened'] } }, true],
  [{ numeric: ['>', 1] }, true],
  [null, true],
  [1, true],
])('what %j lets through is evaluated', (rule, isLost) => {
  const { lost } = compareFilter({ type: [rule, { exists: false }] }, ['shop.opened', { exists: false }]);
  expect(lost).toEqual(isLost ? ['its filter blocks shop.opened'] : []);
});

test.each<[what: string, policy: Record<string, unknown>, found: string]>([
  [
    'a pattern',
    { type: [{ wildcard: 'shop.*' }, { exists: false }] },
    "the doctor can't tell whether its filter lets shop.opened through",
  ],
  [
    'what comes',
    { type: [{ 'anything-but': { wildcard: '*' } }, { exists: false }] },
    "the doctor can't tell whether its filter lets shop.opened",
  ],
  ['alternatives', { $or: [{ type: ['shop.opened'] }, { type: [{ exists: false }] }] }, 'its filter has $or'],
])("of %s that we do not evaluate it is said that it can't be said", (_, policy, what) => {
  const { lost, needless } = compareFilter(policy, ['shop.opened', { exists: false }]);
  expect(lost).toEqual([]);
  expect(needless[0]).toContain(what);
  expect(needless[0]).toMatch(/can't (tell|judge)/);
});

test('a filter by prefix that covers the agreement is a warning and no error', () => {
  const { findings } = found((deployed) => {
    subscription(deployed).filterPolicy = { type: [{ prefix: 'shop.' }, { exists: false }] };
  });
  expect(findings.map(({ check, severity }) => [check, severity])).toEqual([['filter-policy', 'warning']]);
});
