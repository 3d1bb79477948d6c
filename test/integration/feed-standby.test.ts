import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { createFeed } from '../../publisher/feed/feed.ts';
import { type AskLog, feedLog } from '../../publisher/feed/feed-log.ts';
import { openClient, openPool } from '../../publisher/postgres/database.ts';
import { shopFeedTables } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { changeLogs } from '../support/change-logs.ts';
import { type PostgresPair, startPostgresPair } from '../support/postgres-pair.ts';

const log = changeLogs.shops;

let pair: PostgresPair;

beforeAll(async () => {
  pair = await startPostgresPair();
}, 120_000);
afterAll(() => pair.stop());

const want = { limit: 1_000, wait: 0, types: ['shop.opened'], signal: new AbortController().signal };

test('a pool with connections to both servers passes no transaction that is open on the primary', async () => {
  const [primary, standby] = [
    openPool({ connectionString: pair.primary() }),
    openPool({ connectionString: pair.standby(), isReplica: true }),
  ];
  const writer = await openClient(pair.primary());
  onTestFinished(async () => {
    await writer.end();
    await Promise.all([primary.end(), standby.end()]);
  });
  await writer.query(`begin; ${log.insert('slow')}`);
  await primary.query(log.insert('quick'));
  // The page from one server, and the question who still writes to the other.
  const ask: AskLog = async (statement, values) =>
    (await (statement.name.endsWith('page') ? primary : standby).query(statement, values)).rows;
  const feed = createFeed(feedLog(shopFeedTables, ask), { clock: systemClock });
  await expect(feed.read({ ...want, after: '0.' })).rejects.toThrow(/does not know the open transactions/);
  await writer.query('commit');
  const ofPrimary: AskLog = async (statement, values) => (await primary.query(statement, values)).rows;
  const answer = await createFeed(feedLog(shopFeedTables, ofPrimary), { clock: systemClock }).read({
    ...want,
    after: '0.',
  });
  expect(answer.changes.map(({ id }) => id)).toEqual(['slow', 'quick']);
});
