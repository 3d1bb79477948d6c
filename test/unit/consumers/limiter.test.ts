import { expect, test } from 'vitest';
import { createLimiter } from '../../../consumers/runtime/refresh/limiter.ts';

const answered = (times: number, ms: number, limiter = createLimiter()) => {
  for (let n = 0; n < times; n++) limiter.succeeded(ms);
  return limiter;
};

test('one more look is allowed for as many good answers as there are looks, and no more than eight', () => {
  expect(createLimiter().looks()).toBe(4);
  expect(answered(5, 10).looks()).toBe(5);
  expect(answered(1_000, 10).looks()).toBe(8);
});

test('a failure halves them, down to one, and one that comes back is asked for one resource first', () => {
  const limiter = answered(1_000, 10);
  limiter.failed();
  expect(limiter.looks()).toBe(4);
  for (let n = 0; n < 9; n++) limiter.failed();
  expect(limiter.looks()).toBe(1);
  limiter.restart();
  expect([limiter.looks(), limiter.resources()]).toEqual([1, 1]);
  limiter.succeeded(10);
  expect(limiter.resources()).toBe(2);
});

test('a source that becomes much slower is asked for less at once, although it answers', () => {
  const limiter = answered(1_000, 10);
  for (let n = 0; n < 5; n++) limiter.succeeded(2_000);
  expect(limiter.looks()).toBeLessThan(8);
});

test('what is usual is learnt anew: a source that stays slow is not throttled for ever', () => {
  const limiter = answered(1_000, 10);
  answered(200, 200, limiter);
  expect(limiter.usual()).toBeGreaterThan(150);
  expect(limiter.looks()).toBe(8);
});
