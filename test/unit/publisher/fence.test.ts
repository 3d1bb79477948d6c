import { describe, expect, test } from 'vitest';
import { createFence } from '../../../publisher/relay/fence.ts';
import { ring } from '../../support/ring.ts';

function fenceWith(...answers: string[][]) {
  return createFence(async () => new Set(answers.shift() ?? []));
}

const positions = (rings: { position: number }[]) => rings.map(({ position }) => position);

describe('the gap fence', () => {
  test('lets pass what is contiguous', () => {
    expect(positions(fenceWith().deliverable([ring(1), ring(2), ring(3)], 0))).toEqual([1, 2, 3]);
  });

  test('stops before a hole', () => {
    expect(positions(fenceWith().deliverable([ring(1), ring(3)], 0))).toEqual([1]);
    expect(fenceWith().deliverable([ring(2)], 0)).toEqual([]);
  });

  test('waits while a writer that may fill the hole is open', async () => {
    const fence = fenceWith(['1/7'], ['1/7', '2/9'], ['2/9']);
    expect(fence.deliverable([ring(2)], 0)).toEqual([]);
    expect(await fence.look(2)).toBe(false);
    expect(await fence.look(2)).toBe(false);
    expect(fence.deliverable([ring(2)], 0)).toEqual([]);
    // 2/9 came after the hole was seen: it can only draw higher ids.
    expect(await fence.look(2)).toBe(true);
    expect(positions(fence.deliverable([ring(2)], 0))).toEqual([2]);
  });

  test('passes a hole up to what was read when it was seen, and no further', async () => {
    const fence = fenceWith([]);
    expect(fence.deliverable([ring(2), ring(4)], 0)).toEqual([]);
    expect(await fence.look(4)).toBe(true);
    expect(positions(fence.deliverable([ring(2), ring(4), ring(6)], 0))).toEqual([2, 4]);
  });

  test('waits for a hole that opens while it waits for another, with writers of its own', async () => {
    const fence = fenceWith(['1/7'], ['2/9'], ['2/9'], []);
    const seen = [ring(2), ring(6)];
    expect(await fence.look(2)).toBe(false);
    // 2/9 came later and holds 3 to 5: that 1/7 is over says nothing of them.
    expect(await fence.look(6)).toBe(true);
    expect(positions(fence.deliverable(seen, 0))).toEqual([2]);
    expect(await fence.look(6)).toBe(false);
    expect(fence.deliverable([ring(6)], 2)).toEqual([]);
    expect(await fence.look(6)).toBe(true);
    expect(positions(fence.deliverable([ring(5), ring(6)], 2))).toEqual([5, 6]);
  });

  test('forgets a hole that was filled', async () => {
    const fence = fenceWith(['1/7'], ['3/1']);
    await fence.look(2);
    expect(positions(fence.deliverable([ring(1), ring(2)], 0))).toEqual([1, 2]);
    // A new hole has writers of its own; those of the old one don't count.
    expect(await fence.look(4)).toBe(false);
  });
});
