import { expect, test } from 'vitest';
import { createRateLimit } from '../../../publisher/http/rate-limit.ts';

/** A limit of 10 a second, on a clock that is set by hand. */
function world() {
  const clock = { now: 1_750_000_000_000 };
  const limit = createRateLimit(10, () => clock.now);
  const passed = (tries: number, key = 'a') => Array.from({ length: tries }, () => limit(key)).filter(Boolean).length;
  return { clock, passed };
}

test('a second’s worth may pass at once, and then as much as time brings', () => {
  const { clock, passed } = world();
  expect(passed(20)).toBe(10);
  clock.now += 99;
  expect(passed(1)).toBe(0);
  clock.now += 1;
  expect(passed(20)).toBe(1);
  clock.now += 500;
  expect(passed(20)).toBe(5);
});

test('a long silence saves up no more than a second’s worth', () => {
  const { clock, passed } = world();
  passed(20);
  clock.now += 3_600_000;
  expect(passed(20)).toBe(10);
});

test('one key takes nothing from another', () => {
  const { passed } = world();
  expect([passed(20, 'a'), passed(20, 'b')]).toEqual([10, 10]);
});

test('a clock that is set back an hour locks nobody out', () => {
  const { clock, passed } = world();
  passed(20);
  clock.now -= 3_600_000;
  expect(passed(1)).toBe(0);
  clock.now += 1_000;
  expect(passed(20)).toBe(10);
});
