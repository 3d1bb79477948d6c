import { expect, onTestFinished, test } from 'vitest';
import { openClient, openReplication, type Pool } from '../../publisher/postgres/database.ts';
import { openWalStream } from '../../publisher/relay/log/wal-stream.ts';
import { RelayRefusal } from '../../publisher/relay/relay.ts';
import type { Publish } from '../../publisher/relay/ring.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { freshDatabase } from '../support/database.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { type RunOptions, runningRelay } from '../support/running-relay.ts';
import { until } from '../support/wait.ts';

const insert = (id: string, version = 1) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', ${version}, gen_random_uuid(), 'shop.opened', '{"secret": "price"}')`;

/** Ten seconds in one of ours: a savepoint is looked for every second. */
const fast = { ...systemClock, now: () => Date.now() * 10 };

async function world() {
  const { admin: pool, adminUrl: url, url: plainUrl } = await freshDatabase();
  forgetSlotAfterTest(url);
  const slot = await shopLog(pool).replication.name();
  const start = (more: Partial<RunOptions> = {}) => runningRelay({ kind: 'log', url: () => url, ...more });
  /** A relay that streams: what is committed from now on comes through the log. */
  const started = async (more: Partial<RunOptions> = {}) => {
    const relay = start(more);
    await untilStreaming(pool);
    return relay;
  };
  const confirmed = () =>
    positionOf(pool, `select confirmed_flush_lsn as lsn from pg_replication_slots where slot_name = '${slot}'`);
  const gone = () => until(async () => !(await shopLog(pool).replication.read(slot))?.active);
  return { pool, url, plainUrl, slot, start, started, confirmed, gone };
}

test('rings what is committed with what the attributes need, and nothing of its data', async () => {
  const { pool, started } = await world();
  const relay = await started();
  await pool.query(insert('a'));
  await until(() => relay.rung.length === 1);
  const { rows } = await pool.query(
    `select id as position, event_id as "eventId", floor(extract(epoch from at) * 1000)::bigint as "occurredAt" from shop_events`,
  );
  expect(relay.rung).toEqual([{ ...rows[0], id: 'a', type: 'shop.opened', version: 1 }]);
});

test('nothing is confirmed before SNS accepted it: who comes after rings it again', async () => {
  const { pool, started, confirmed, gone } = await world();
  let asked = false;
  const silent: Publish = (_, signal) => {
    asked = true;
    return new Promise((__, reject) => signal.addEventListener('abort', () => reject(new Error('no answer'))));
  };
  const first = await started({ publish: silent });
  const before = await positionOf(pool, 'select pg_current_wal_insert_lsn() as lsn');
  await pool.query(insert('a'));
  await until(() => asked);
  await pool.query(`select pg_logical_emit_message(true, 'test', 'news')`);
  await first.stop();
  await gone();
  const second = await started();
  await until(() => second.ids().includes('a'));
  await until(async () => (await confirmed()) > before);
});

test('of two commits that follow each other at once, confirming the first does not skip the second', async () => {
  const { pool, url, started, slot, gone, confirmed } = await world();
  await (await started()).stop();
  await gone();
  const clients = [await openClient(url), await openClient(url)];
  for (const [n, client] of clients.entries()) {
    await client.query('begin; set local synchronous_commit = off');
    await client.query(insert(`shop${n}`));
  }
  // Nothing is written between the two commit records, so the second begins where the first ends.
  await Promise.all(clients.map((client) => client.query('commit')));
  await Promise.all(clients.map((client) => client.end()));

  const open = async () => {
    const client = await openReplication(url);
    return openWalStream({ client, slot, ...shopLog(pool).replication, clock: systemClock, onReady: () => {} });
  };
  const stream = await open();
  const [first] = await until(() => notEmpty(stream.take(1)));
  stream.confirm(first?.end ?? 0n);
  await until(async () => (await confirmed()) === first?.end);
  await stream.close();
  await gone();
  const again = await open();
  const [second] = await until(() => notEmpty(again.take(1)));
  await again.close();
  const shops = [first, second].map((each) => each?.rings.map(({ id }) => id).join());
  expect(shops.sort()).toEqual(['shop0', 'shop1']);
});

const notEmpty = <Item>(items: Item[]) => (items.length > 0 ? items : null);

/** A place in the log, in bytes from its beginning. */
async function positionOf(pool: Pool, query: string): Promise<bigint> {
  const { rows } = await pool.query<{ at: string }>(
    `select pg_wal_lsn_diff(lsn, '0/0')::text as at from (${query}) as place`,
  );
  return BigInt(rows[0]?.at ?? 0);
}

test('a dropped slot is made anew, and what it did not keep is rung from the event table', async () => {
  const { pool, start, started, slot, gone } = await world();
  const first = await started();
  await pool.query(insert('a'));
  await until(() => first.ids().includes('a'));
  await first.stop();
  await gone();
  await shopLog(pool).replication.drop(slot);
  await pool.query(insert('b'));
  const second = start();
  await until(() => second.ids().includes('b'));
  expect(second.said('catching-up')).toBe(true);
  await pool.query(insert('c'));
  await until(() => second.ids().includes('c'));
});

test('who is killed while it catches up leaves word, and the next one begins the catching up again', async () => {
  const { pool, start, started, slot, gone } = await world();
  await pool.query(insert('a'));
  const outage: Publish = async () => {
    throw new Error('SNS is away');
  };
  const first = start({ publish: outage });
  await until(() => first.said('retrying'));
  await first.stop();
  expect(await shopLog(pool).replication.read(slot)).toMatchObject({ active: false });
  const second = await started();
  await until(() => second.ids().includes('a'));
  await second.stop();
  await gone();
  const third = await started();
  await pool.query(insert('b'));
  await until(() => third.ids().includes('b'));
  expect(third.said('catching-up')).toBe(false);
  expect(third.ids()).toEqual(['b']);
});

test('its savepoint comes to be the last position, and not before an open transaction is over', async () => {
  const { pool, url, started } = await world();
  const relay = await started({ clock: fast });
  const writer = await openClient(url);
  onTestFinished(() => writer.end());
  await writer.query('begin');
  await writer.query(insert('slow'));
  await pool.query(insert('fast'));
  await until(() => relay.ids().includes('fast'));
  const position = async () => {
    const { rows } = await pool.query<{ pos: number }>("select pos from relay_checkpoint where name = 'position'");
    return rows[0]?.pos;
  };
  expect(await position()).toBe(0);
  await writer.query('commit');
  await until(() => relay.ids().includes('slow'));
  const last = await shopLog(pool).last();
  await until(async () => (await position()) === last);
});

test('a slot that keeps more of the log than it should is reported', async () => {
  const { pool, started } = await world();
  // The slot is looked at every ten seconds of this clock, which has a thousand in one of ours.
  const relay = await started({ slotLimit: 0, clock: { ...systemClock, now: () => Date.now() * 1_000 } });
  await pool.query(insert('a'));
  await until(() => relay.said('slot-behind'));
  expect(relay.events.find(({ kind }) => kind === 'slot-behind')).toMatchObject({ bytes: expect.any(Number) });
});

test('a user who may not replicate is told what to do', async () => {
  const { pool, plainUrl, slot } = await world();
  const relay = runningRelay({ kind: 'log', url: () => plainUrl });
  await expect(relay.done).rejects.toThrow(RelayRefusal);
  await expect(relay.done).rejects.toThrow(/needs a user with the attribute REPLICATION/);
  expect(await shopLog(pool).replication.read(slot)).toBe(null);
});

test('a slot that can only be made later is waited for aloud, and without the lock of the leader', async () => {
  const { pool, url, start } = await world();
  const writer = await openClient(url);
  onTestFinished(() => writer.end());
  await writer.query('begin');
  await writer.query(insert('slow'));
  // A database that has no patience at all, so that nobody here must have some.
  const name = new URL(url).pathname.slice(1);
  await pool.query(`alter database ${name} set lock_timeout = '100ms'`);
  onTestFinished(async () => void (await pool.query(`alter database ${name} reset lock_timeout`)));
  const relay = start();
  await until(() => relay.events.filter(({ kind }) => kind === 'failed').length === 2);
  expect(relay.events.find(({ kind }) => kind === 'failed')).toMatchObject({
    reason: expect.stringMatching(/no replication slot yet/),
  });
  await writer.query('commit');
  await until(() => relay.ids().includes('slow'));
});

test('catching up ends where it began to, however fast events come', async () => {
  const { pool, url } = await world();
  await pool.query(insert('first'));
  let n = 0;
  // Every call of SNS brings another event.
  const publish: Publish = async (rings) => {
    await pool.query(insert(`more${n++}`));
    return rings.map(() => ({ accepted: true }));
  };
  runningRelay({ kind: 'log', url: () => url, publish });
  await untilStreaming(pool);
});
