import { expect, test } from 'vitest';
import { conflictsOf, refuseConflicts } from '../../../contracts/wire/agreement-set.ts';

const one = { name: 'search', version: 1, path: '/search/products' };

test('two versions of a name at two paths are no conflict, nor are two names', () => {
  const next = { ...one, version: 2, path: '/search/v2/products' };
  expect(conflictsOf([one, next, { ...one, name: 'stock', path: '/stock/products' }])).toEqual([]);
  expect(conflictsOf([{ name: 'search' }, { name: 'search' }])).toEqual([]);
});

test('two agreements with one name and version are named, whatever their paths', () => {
  expect(conflictsOf([one, { ...one, path: '/other' }])).toEqual([
    'Two agreements are search@1: give one of them another name, or a higher version and its own path.',
  ]);
});

test('two agreements with one path are both named, also two versions of one name', () => {
  const conflict = 'The agreements search@1 and stock@3 have one path, /search/products: give each its own.';
  expect(conflictsOf([one, { ...one, name: 'stock', version: 3 }])).toEqual([conflict]);
  expect(conflictsOf([one, { ...one, version: 2 }])).toHaveLength(1);
});

test('every conflict is a line of what is thrown', () => {
  expect(() => refuseConflicts([one, one, { ...one, name: 'stock' }])).toThrow(
    /^Two agreements are search@1.*\n.*search@1 and stock@1.*\n.*search@1 and stock@1/,
  );
});
