import { describe, expect, test } from 'vitest';
import { commands, IdempotencyKey } from '../../../contracts/shops/commands.ts';
import { check } from '../../../contracts/wire/check.ts';
import { ProblemError, problem, problems } from '../../../contracts/wire/problem.ts';

const refusal = (work: () => unknown) => {
  try {
    work();
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('nothing was refused');
};

const register = commands.registerShop.body;
const shop = { name: '바보네집', category: '한식', address: '논현로120길 14' };

describe('the body of a command', () => {
  test('says everything that is wrong at once', () => {
    const body = { ...shop, name: '', menu: [{ name: 'soup', price: -1 }], colour: 'red' };
    const { code, status, errors } = refusal(() => check(register, body));
    expect([code, status]).toEqual(['invalid-request', 422]);
    expect(errors?.map(({ path }) => path).toSorted()).toEqual(['', 'menu.0.price', 'name']);
    expect(errors?.map(({ message }) => message).join()).toContain('colour');
  });

  test('what is left out is unknown, open and without a menu', () => {
    expect(check(register, shop)).toEqual({
      ...shop,
      region: { province: null, city: null },
      place: null,
      delivery: null,
      parking: null,
      hours: null,
      openness: 'open',
      menu: [],
    });
  });

  test('text is trimmed and composed, so that the same name is the same text', () => {
    expect(check(register, { ...shop, name: '  \u1100\u1161  ' }).name).toBe('가');
  });

  test.each(['\u0000', 'a\nb', '\ud800', ' '])('the name %j is refused', (name) => {
    expect(refusal(() => check(register, { ...shop, name })).errors?.[0]?.path).toBe('name');
  });

  test.each([1.5, -1, 1_000_000_001, '5000', Number.NaN, Number.POSITIVE_INFINITY])(
    'the price %s is refused',
    (price) => {
      expect(refusal(() => check(commands.addMenuItem.body, { name: 'soup', price })).errors?.[0]?.path).toBe('price');
    },
  );

  test('a change of nothing is refused', () => {
    expect(refusal(() => check(commands.changeDetails.body, {})).errors?.[0]?.message).toBe(
      'at least one field is needed',
    );
    expect(refusal(() => check(commands.changeMenuItem.body, {})).code).toBe('invalid-request');
  });

  test('a menu has at most 200 items', () => {
    const menu = Array.from({ length: 201 }, (_, n) => ({ name: `item ${n}` }));
    expect(refusal(() => check(register, { ...shop, menu })).errors?.[0]?.path).toBe('menu');
  });

  test('an Idempotency-Key is 1 to 255 printable characters', () => {
    expect(check(IdempotencyKey, 'a'.repeat(255))).toHaveLength(255);
    expect(refusal(() => check(IdempotencyKey, 'a b', 'Idempotency-Key')).errors?.[0]?.path).toBe('Idempotency-Key');
  });
});

describe('a problem document', () => {
  test('follows RFC 9457 and says what to do', () => {
    expect(problem('version-conflict', 'Read it again.', { version: 3 })).toEqual({
      type: '/problems/version-conflict',
      title: problems['version-conflict'].title,
      status: 412,
      code: 'version-conflict',
      detail: 'Read it again.',
      version: 3,
    });
  });
});
