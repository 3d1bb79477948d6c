import { expect, test } from 'vitest';
import { compareFilter } from '../../../localstack/doctor/checks/subscription.ts';

test('a filter is compared value by value', () => {
  const wanted = ['shop.opened', { exists: false }] as const;
  const compare = (policy: Record<string, unknown>) => compareFilter(policy, [...wanted]);
  expect(compare({ type: [{ exists: false }, 'shop.opened'] })).toEqual({ lost: [], needless: [] });
  expect(compare({ type: ['shop.opened'] }).needless).toEqual(['a body without a type is dropped and nobody sees it']);
  expect(compare({ type: [...wanted, { prefix: 'shop.' }] }).needless).toEqual([
    `its filter has {"prefix":"shop."}: what that lets through can't be said`,
  ]);
  expect(compare({ type: [...wanted], city: ['Seoul'] }).lost).toEqual([
    'its filter asks for city, too, which no ring has',
  ]);
  expect(compare({}).lost).toEqual(['its filter has no type']);
});
