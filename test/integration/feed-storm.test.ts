import { describe, expect, test } from 'vitest';
import { createFeed } from '../../publisher/feed/feed.ts';
import { feedLog } from '../../publisher/feed/feed-log.ts';
import type { Pool } from '../../publisher/postgres/database.ts';
import type { Feed } from '../../publisher/source-api/source.ts';
import { systemClock } from '../../publisher/system.ts';
import { type ChangeLog, changeLogs } from '../support/change-logs.ts';
import { inventedRings, inversions, lostEvents, storm, type Told } from '../support/storm.ts';
import { until } from '../support/wait.ts';

const signal = new AbortController().signal;

const feedOf = ({ feed }: ChangeLog, pool: Pool) =>
  createFeed(
    feedLog(feed, async (statement, values) => (await pool.query(statement, values)).rows),
    { clock: systemClock },
  );

// Types are not looked at: a storm has many, and the feed must show each transaction's.
const types = { includes: () => true } as unknown as string[];

const beginning = async (feed: Feed) => (await feed.read({ after: undefined, limit: 1, wait: 0, types, signal })).next;

/** Follows a feed in pages of some size, until `isOver` and nothing is left. */
async function followed(feed: Feed, start: string, limit: number, isOver: () => boolean): Promise<Told[]> {
  const told: Told[] = [];
  for (let next = start; ; ) {
    const wasOver = isOver();
    const page = await feed.read({ after: next, limit, wait: 20, types, signal });
    told.push(...page.changes);
    next = page.next;
    if (wasOver && next === page.head) return told;
  }
}

describe.each(Object.entries(changeLogs))('the feed of the log of %s', (_, log) => {
  test('in a storm of eight writers shows everything that is committed, once, and nothing else', async () => {
    const { pool, admin, adminUrl: url } = await log.database();
    const feed = feedOf(log, admin);
    let isOver = false;
    const start = await beginning(feed);
    const followers = [7, 100, 1_000].map((limit) => followed(feed, start, limit, () => isOver));
    // A feed of another process knows nothing of what this one found settled.
    followers.push(followed(feedOf(log, admin), start, 50, () => isOver));
    await storm({ log, url, pool, writers: 8, transactions: 250 });
    isOver = true;
    for (const told of await Promise.all(followers)) {
      expect(told.length).toBeGreaterThan(1_500);
      expect(await lostEvents(pool, log, told)).toEqual([]);
      expect(await inventedRings(pool, log, told)).toEqual([]);
      expect(inversions(told)).toEqual([]);
      expect(new Set(told.map(({ id, version }) => `${id} ${version}`)).size).toBe(told.length);
    }
  });

  test('that is begun anew in a storm, again and again, misses nothing of what comes after', async () => {
    const { pool, admin, adminUrl: url } = await log.database();
    let isOver = false;
    const blowing = storm({ log, url, pool, writers: 8, transactions: 100 }).finally(() => {
      isOver = true;
    });
    const begun: { visible: Told[]; told: Promise<Told[]> }[] = [];
    await until(async () => {
      const feed = feedOf(log, admin);
      const start = await beginning(feed);
      const { rows: visible } = await pool.query<Told>(log.committed);
      begun.push({ visible, told: followed(feed, start, 500, () => isOver) });
      return isOver || begun.length === 10;
    });
    await blowing;
    for (const { visible, told } of begun)
      expect(await lostEvents(pool, log, [...visible, ...(await told)])).toEqual([]);
  });
});
