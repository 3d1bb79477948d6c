import { expect, onTestFinished, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import { createPositionRelay } from '../../publisher/relay/position-relay.ts';
import { NotLeaderError, type RelayEvent } from '../../publisher/relay/relay.ts';
import type { Publish, Ring } from '../../publisher/relay/ring.ts';
import { runRelay } from '../../publisher/relay/run-relay.ts';
import { createWake } from '../../publisher/relay/wake.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { type Clock, systemClock } from '../../publisher/system.ts';
import { freshDatabase } from '../support/database.ts';
import { until } from '../support/wait.ts';

const never = new AbortController().signal;

async function world() {
  const { pool, url } = await freshDatabase();
  const rung: Ring[] = [];
  const events: RelayEvent[] = [];
  const publish: Publish = async (rings) => {
    rung.push(...rings);
    return rings.map(() => ({ accepted: true }));
  };
  async function session() {
    const client = await openClient(url);
    client.on('error', () => {});
    onTestFinished(() => client.end());
    return client;
  }
  async function relay(more: { publish?: Publish; clock?: Clock } = {}) {
    const log = shopLog(await session());
    const observe = (event: RelayEvent) => void events.push(event);
    const deps = { log, name: 'position', publish, clock: systemClock, observe, ...more };
    return createPositionRelay(deps, await log.raiseEpoch('position'));
  }
  return { pool, url, rung, events, publish, session, relay, ids: () => rung.map(({ id }) => id) };
}

const insert = (id: string, type = 'shop.opened', version = 1) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', ${version}, gen_random_uuid(), '${type}', '{"secret": "price"}')`;

test('rings what is committed, once, with its version and event id and nothing of its data', async () => {
  const { pool, relay, rung } = await world();
  await pool.query(insert('a'));
  const { step } = await relay();
  expect(await step(never)).toBe('delivered');
  expect(await step(never)).toBe('idle');
  expect(rung).toEqual([
    {
      position: 1,
      id: 'a',
      type: 'shop.opened',
      version: 1,
      eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      occurredAt: expect.any(Number),
    },
  ]);
});

test('two transactions that commit in the reverse order of their ids are both rung', async () => {
  const { session, relay, ids } = await world();
  const [slow, fast] = [await session(), await session()];
  await slow.query('begin');
  await slow.query(insert('slow'));
  await fast.query(insert('fast'));
  const { step } = await relay();
  expect(await step(never)).toBe('blocked');
  expect(await step(never)).toBe('blocked');
  await slow.query('commit');
  expect(await step(never)).toBe('delivered');
  expect(ids()).toEqual(['slow', 'fast']);
});

test('what stands before a hole is rung, and the checkpoint stops there', async () => {
  const { session, pool, relay, ids } = await world();
  const slow = await session();
  await pool.query(insert('before'));
  await slow.query('begin');
  await slow.query(insert('slow'));
  await pool.query(insert('after'));
  const { step, checkpoint } = await relay();
  expect([await step(never), ids(), checkpoint().position]).toEqual(['delivered', ['before'], 1]);
  expect(await step(never)).toBe('blocked');
  await slow.query('commit');
  expect([await step(never), ids(), checkpoint().position]).toEqual(['delivered', ['before', 'slow', 'after'], 3]);
});

test('a hole is told every five seconds that it stays open, and each counts for itself', async () => {
  const { session, pool, relay, events } = await world();
  let now = 0;
  const { step } = await relay({ clock: { ...systemClock, now: () => now } });
  for (const [n, seconds] of [4, 11, 4].entries()) {
    const slow = await session();
    await slow.query(`begin; ${insert(`slow${n}`)}`);
    await pool.query(insert(`after${n}`));
    for (let second = 0; second <= seconds; second++) {
      expect(await step(never)).toBe('blocked');
      now += 1_000;
    }
    await slow.query('commit');
    expect(await step(never)).toBe('delivered');
    now += 3_600_000;
  }
  const told = events.flatMap((event) => (event.kind === 'waiting-for-writer' ? event.ms : []));
  expect(told).toEqual([5_000, 10_000]);
});

test('an id that was rolled back is passed', async () => {
  const { session, pool, relay, ids } = await world();
  const client = await session();
  await client.query('begin');
  await client.query(insert('never'));
  await client.query('rollback');
  await pool.query(insert('a'));
  const { step } = await relay();
  expect(await step(never)).toBe('delivered');
  expect(await step(never)).toBe('delivered');
  expect(ids()).toEqual(['a']);
});

test('a long transaction that writes no events delays nobody', async () => {
  const { session, pool, relay, ids } = await world();
  const other = await session();
  await other.query('begin');
  await other.query('create temporary table notes (text text)');
  await other.query("insert into owner values ('kim', 1, 'Kim', 'K')");
  await pool.query(insert('a'));
  expect(await (await relay()).step(never)).toBe('delivered');
  expect(ids()).toEqual(['a']);
  await other.query('rollback');
});

test('a transaction that writes events and stays open holds up the rings behind it, and somebody is told', async () => {
  const here = await world();
  const slow = await here.session();
  await slow.query('begin');
  await slow.query(insert('slow'));
  await here.pool.query(insert('fast'));
  // An hour of this clock is a tenth of a second of ours.
  running(here, { ...systemClock, now: () => Date.now() * 36_000 });
  await until(() => here.events.some((event) => event.kind === 'waiting-for-writer' && event.ms > 60_000));
  expect(here.ids()).toEqual([]);
  await slow.query('commit');
  await until(() => here.ids().length === 2);
  expect(here.ids()).toEqual(['slow', 'fast']);
});

test('rings of one shop and type that wait together become one, that of the highest version', async () => {
  const { pool, relay, rung, events } = await world();
  for (let version = 1; version <= 5; version++) await pool.query(insert('a', 'shop.opened', version));
  await (await relay()).step(never);
  expect(rung).toMatchObject([{ id: 'a', version: 5 }]);
  expect(events).toMatchObject([{ kind: 'rung', collapsed: 4 }]);
});

test('a crash after SNS accepted and before the checkpoint moved rings again and skips nothing', async () => {
  const { pool, relay, ids, rung } = await world();
  await pool.query(insert('a'));
  const stopping = new AbortController();
  const killed = await relay({
    publish: async (rings) => {
      rung.push(...rings);
      stopping.abort();
      throw new Error('the answer was lost');
    },
  });
  expect(await killed.step(stopping.signal)).toBe('stopped');
  await (await relay()).step(never);
  expect(ids()).toEqual(['a', 'a']);
});

test('an old leader that wakes up is refused', async () => {
  const { pool, relay } = await world();
  const old = await relay();
  const young = await relay();
  await pool.query(insert('a'));
  await young.step(never);
  await pool.query(insert('b'));
  await expect(old.step(never)).rejects.toThrow(NotLeaderError);
});

test('a ring that SNS refuses for good is parked in the database', async () => {
  const { pool, relay } = await world();
  await pool.query(insert('a'));
  const refuse: Publish = async (rings) =>
    rings.map(() => ({ accepted: false, retryable: false, reason: 'InvalidParameter' }));
  expect(await (await relay({ publish: refuse })).step(never)).toBe('delivered');
  const { rows } = await pool.query('select shop_id, type, version, reason from parked_ring');
  expect(rows).toEqual([{ shop_id: 'a', type: 'shop.opened', version: 1, reason: 'InvalidParameter' }]);
});

function running({ url, publish, events }: Awaited<ReturnType<typeof world>>, clock = systemClock) {
  const stopping = new AbortController();
  const wake = createWake(clock);
  const observe = (event: RelayEvent) => void events.push(event);
  const done = runRelay(
    { connect: () => openClient(url), openLog: shopLog, publish, clock, wake, observe },
    stopping.signal,
  );
  const stop = async () => {
    stopping.abort();
    await done;
  };
  onTestFinished(() => stop().catch(() => {}));
  return { done, stop, wake };
}

test('a relay finds what no wake-up announced', async () => {
  const here = await world();
  running(here);
  await until(() => here.events.some(({ kind }) => kind === 'leading'));
  await here.pool.query(insert('a'));
  await until(() => here.rung.length === 1);
});

test('a watcher that throws stops no relay', async () => {
  const here = await world();
  here.events.push = () => {
    throw new Error('a watcher that throws');
  };
  running(here);
  await here.pool.query(insert('a'));
  await until(() => here.ids().includes('a'));
});

test('one of two relays leads; when its connection dies the other takes over and nothing is lost', async () => {
  const here = await world();
  running(here);
  running(here);
  await until(() => here.events.some(({ kind }) => kind === 'leading'));
  await here.pool.query(insert('a'));
  await until(() => here.ids().includes('a'));
  await until(() => here.events.some(({ kind }) => kind === 'standing-by'));
  expect(here.events.filter(({ kind }) => kind === 'leading')).toHaveLength(1);
  await here.pool.query(`select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and objid = 3667329
    and database = (select oid from pg_database where datname = current_database())`);
  await here.pool.query(insert('b'));
  await until(() => here.ids().includes('b'));
  expect(here.events.flatMap((event) => (event.kind === 'leading' ? event.epoch : []))).toEqual([1, 2]);
});

test('the position of an empty table is 0', async () => {
  const { pool } = await world();
  expect(await shopLog(pool).last()).toBe(0);
});
