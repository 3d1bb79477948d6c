import { describe, expect, test } from 'vitest';
import { cursorOf, type FeedPlace, ORIGIN, readCursor } from '../../../publisher/feed/cursor.ts';
import { createFeed } from '../../../publisher/feed/feed.ts';
import type { FeedLog, LogChange } from '../../../publisher/feed/feed-log.ts';
import { hurriedClock } from '../../support/hurried-clock.ts';

const eventAt = (position: number) => `0198d3a2-b1c4-7e0f-8a6b-${String(position).slice(-12).padStart(12, '0')}`;
const place = (position: number): FeedPlace => (position === 0 ? ORIGIN : { position, eventId: eventAt(position) });
const change = (position: number, type = 'thing.changed'): LogChange => {
  return { ...place(position), id: `r${position}`, type, version: 1, gone: false, occurredAt: 0 };
};

/** A log of these positions, whose writers are named anew at each question. */
function world(positions: number[], more: { writers?: string[][]; rungUpTo?: number; types?: string[] } = {}) {
  const clock = hurriedClock();
  const state = { positions, rungUpTo: more.rungUpTo ?? null };
  const writers = more.writers ?? [];
  let asked = 0;
  let reads = 0;
  const log: FeedLog = {
    async read(position, limit) {
      reads++;
      const visible = state.positions;
      const has = visible.includes(position);
      return {
        changes: visible
          .filter((each) => each > position)
          .slice(0, limit)
          .map((each) => change(each)),
        eventId: has ? eventAt(position) : null,
        last: place(visible.at(-1) ?? 0),
        pruned: ORIGIN,
        rungUpTo: state.rungUpTo,
      };
    },
    last: async () => state.positions.at(-1) ?? 0,
    async writers() {
      return new Set(writers[asked++] ?? writers.at(-1) ?? []);
    },
  };
  const feed = createFeed(log, { clock });
  const read = (after?: number, rest: { limit?: number; wait?: number; types?: string[] } = {}) =>
    feed.read({
      after: after === undefined ? undefined : cursorOf(place(after)),
      limit: 1_000,
      wait: 0,
      types: ['thing.changed'],
      signal: new AbortController().signal,
      ...rest,
    });
  const ids = async (after: number, rest = {}) => (await read(after, rest)).changes.map(({ id }) => id);
  return { clock, state, read, ids, reads: () => reads };
}

describe('a cursor', () => {
  test.each([0, 1, 35, 36, 1_000_000, Number.MAX_SAFE_INTEGER])('holds the position %d', (position) => {
    expect(readCursor(cursorOf(place(position)))).toEqual(place(position));
  });

  test.each(['', '0', '1', '0.', 'a.b', '01.0198d3a2b1c47e0f8a6b5c4d3e2f1a0b', `1.${'g'.repeat(32)}`])(
    'that is %j',
    (text) => {
      expect(readCursor(text)).toEqual(text === '0.' ? ORIGIN : null);
    },
  );
});

describe('the feed', () => {
  test('has no end as long as a transaction writes that was there at the beginning', async () => {
    const { read, clock } = world([1, 2], { writers: [['1/7']] });
    const began = clock.now();
    await expect(read()).rejects.toThrow(/has been writing the change log for 5 s/);
    expect(clock.now() - began).toBeGreaterThanOrEqual(5_000);
    expect((await world([1, 2], { writers: [['1/7'], ['2/9']] }).read()).next).toBe(cursorOf(place(2)));
  });

  test('waits for a hole a quarter of a second, and as long as the request may wait', async () => {
    for (const [wait, ms] of [
      [0, 250],
      [9_000, 9_000],
      [30_000, 25_000],
    ] as const) {
      const { ids, clock, reads } = world([2], { writers: [['1/7']] });
      const began = clock.now();
      expect(await ids(0, { wait })).toEqual([]);
      expect(clock.now() - began).toBeGreaterThanOrEqual(ms);
      expect(clock.now() - began).toBeLessThan(ms + 50);
      expect(reads()).toBeLessThan(10 + ms / 90);
    }
  });

  test('tells the newest change as its head, though a hole is before it', async () => {
    const { read } = world([1, 3], { writers: [['1/7']] });
    expect(await read(0)).toMatchObject({
      changes: [{ id: 'r1' }],
      next: cursorOf(place(1)),
      head: cursorOf(place(3)),
    });
  });

  test('does not believe what was settled before the log lost its last changes', async () => {
    const { state, ids } = world([1, 2, 5], { writers: [[], ['1/7']] });
    expect(await ids(2)).toEqual(['r5']);
    // A standby was promoted that had less; the positions are given again, out of order.
    state.positions = [1, 2];
    expect(await ids(2)).toEqual([]);
    state.positions = [1, 2, 4];
    expect(await ids(2)).toEqual([]);
  });

  test('on a standby goes as far as the relay has rung, and begins there', async () => {
    const { state, read, ids } = world([1, 2, 4, 5], { rungUpTo: 2 });
    expect((await read()).next).toBe(cursorOf(place(2)));
    expect(await ids(0)).toEqual(['r1', 'r2']);
    expect(await ids(2)).toEqual([]);
    state.rungUpTo = 5;
    expect(await ids(2)).toEqual(['r4', 'r5']);
    await expect(read(6)).rejects.toThrow(/has not seen/);
  });

  test('ends a long search for rare types with an empty page, and goes on from there', async () => {
    const { read, reads } = world(Array.from({ length: 100 }, (_, n) => n + 1));
    const page = await read(0, { limit: 2, types: ['thing.rare'] });
    expect(page).toMatchObject({ changes: [], next: cursorOf(place(40)), head: cursorOf(place(100)) });
    expect(reads()).toBe(20);
  });
});
