import { expect, onTestFinished, test } from 'vitest';
import { eventTypes } from '../../contracts/shops/event-types.ts';
import { type Database, openWalker } from '../../publisher/postgres/database.ts';
import type { Publish, Ring } from '../../publisher/relay/ring.ts';
import {
  beginReplay,
  findReplay,
  holdReplay,
  noteProgress,
  type Replay,
  takeReplay,
} from '../../publisher/shops/replay/replays.ts';
import { type ReplayDeps, runReplay } from '../../publisher/shops/replay/run-replay.ts';
import { countSelected, type Selection, unknownShops } from '../../publisher/shops/replay/selection.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { freshDatabase } from '../support/database.ts';
import { writeEvents } from '../support/events.ts';

const never = new AbortController().signal;
const everything: Selection = { types: [...eventTypes], since: null, until: null, shops: null };
const quiet = { onProgress: () => {}, onRefused: () => {}, onRetry: () => {} };

async function world() {
  // Rings again as the API's own user; only what is staged takes more.
  const { admin: pool, url } = await freshDatabase();
  const rung: Ring[] = [];
  const publish: Publish = async (rings) => {
    rung.push(...rings);
    return rings.map(() => ({ accepted: true }));
  };
  async function session() {
    const client = await openWalker(url);
    onTestFinished(() => client.end().catch(() => undefined));
    return client;
  }
  const database = await session();
  const begin = async (selection: Partial<Selection> = {}) =>
    beginReplay(database, {
      selection: { ...everything, ...selection },
      consumer: null,
      rings: 0,
      upto: await shopLog(database).last(),
    });
  /** 100,000 a second: no test waits for a rate. */
  const run = (replay: Replay, more: Partial<ReplayDeps> = {}, signal = never) =>
    runReplay({ database, publish, clock: systemClock, rate: 100_000, ...quiet, ...more }, replay, signal);
  const places = () => rung.map(({ id, version }) => `${id}${version}`);
  return { pool, rung, publish, session, database, begin, run, places };
}

const versionsOf = (shop: string, count: number, from = 1) =>
  Array.from({ length: count }, (_, n) => ({ shop, version: from + n }));

test('of a shop and a type only the last event rings, in the order of the events, and says that it rings again', async () => {
  const { pool, begin, run, rung, places } = await world();
  await writeEvents(pool, [...versionsOf('a', 2), { shop: 'b', version: 1 }]);
  await writeEvents(pool, [{ shop: 'a', version: 3, type: 'shop.paused' }]);
  expect(await run(await begin())).toMatchObject({ state: 'done', position: 4, rung: 3, refused: 0 });
  expect(places()).toEqual(['a2', 'b1', 'a3']);
  expect(rung[0]).toEqual({
    position: 2,
    id: 'a',
    type: 'shop.opened',
    version: 2,
    eventId: expect.stringMatching(/^[0-9a-f-]{36}$/),
    occurredAt: Date.parse('2026-01-01T00:00:00Z'),
    lane: 'replay',
  });
});

test('the last is the last of the whole selection, also where it is read in several stretches', async () => {
  const { pool, database, begin, run, places } = await world();
  await writeEvents(pool, [{ shop: 'a', version: 1 }, ...versionsOf('b', 25_000), { shop: 'a', version: 2 }]);
  await run(await begin());
  expect(places()).toEqual(['b25000', 'a2']);
  expect(await countSelected(database, everything, 25_002, () => {}, never)).toEqual([
    { type: 'shop.opened', events: 25_002, rings: 2 },
  ]);
});

test('an event beyond the selection, however far, takes no ring from one within', async () => {
  const { pool, begin, run, places } = await world();
  const late = { version: 2, at: '2026-02-01T00:00:00Z' };
  await writeEvents(pool, [{ shop: 'a', version: 1 }, ...versionsOf('b', 10_000), { shop: 'a', ...late }]);
  await run(await begin({ until: '2026-01-15T00:00:00Z' }));
  expect(places()).toEqual(['a1', 'b10000']);
});

test.each<[string, Partial<Selection>, string[]]>([
  ['types', { types: ['shop.opened'] }, ['a1', 'b1']],
  ['a beginning, which belongs to it', { since: '2026-01-03T00:00:00Z' }, ['a3', 'b2']],
  ['an end, which does not', { until: '2026-01-03T00:00:00Z' }, ['a1', 'a2', 'b1']],
  ['shops', { shops: ['b', 'nobody'] }, ['b1', 'b2']],
  ['all of these', { types: ['shop.paused'], until: '2026-01-03T00:00:00Z', shops: ['a', 'b'] }, ['a2']],
])('events are selected by %s, and counted by the same', async (_, selection, expected) => {
  const { pool, database, begin, run, places } = await world();
  await writeEvents(pool, [
    { shop: 'a', version: 1, type: 'shop.opened', at: '2026-01-01T00:00:00Z' },
    { shop: 'a', version: 2, type: 'shop.paused', at: '2026-01-02T00:00:00Z' },
    { shop: 'a', version: 3, type: 'shop.paused', at: '2026-01-03T00:00:00Z' },
    { shop: 'b', version: 1, type: 'shop.opened', at: '2026-01-01T00:00:00Z' },
    { shop: 'b', version: 2, type: 'shop.closed', at: '2026-01-03T00:00:00Z' },
  ]);
  await run(await begin(selection));
  expect(places().toSorted()).toEqual(expected);
  const counts = await countSelected(database, { ...everything, ...selection }, 5, () => {}, never);
  expect(counts.reduce((sum, { rings }) => sum + rings, 0)).toBe(places().length);
});

test('what happens after a replay began is left to the relay', async () => {
  const { pool, begin, run, places } = await world();
  await writeEvents(pool, versionsOf('a', 1));
  const replay = await begin();
  await writeEvents(pool, versionsOf('a', 1, 2));
  await run(replay);
  expect(places()).toEqual(['a1']);
});

const manyShops = (count: number) => Array.from({ length: count }, (_, n) => ({ shop: `shop_${n}`, version: 1 }));

test('Ctrl-C finishes what is in hand, and the next goes on from there: every ring once', async () => {
  const { pool, database, begin, run, publish, rung } = await world();
  await writeEvents(pool, manyShops(2_500));
  const stopping = new AbortController();
  const stopAtOnce: Publish = (rings, signal) => {
    stopping.abort();
    return publish(rings, signal);
  };
  const first = await run(await begin(), { publish: stopAtOnce }, stopping.signal);
  expect(first).toMatchObject({ state: 'stopped', position: 1_000, rung: 1_000 });
  const found = await findReplay(database, first.id);
  expect(found).toMatchObject({ state: 'stopped', position: 1_000, rung: 1_000 });
  expect(await run(found as Replay)).toMatchObject({ state: 'done', rung: 2_500 });
  expect(rung).toHaveLength(2_500);
  expect(new Set(rung.map(({ id }) => id)).size).toBe(2_500);
});

test('a slow replay notes its place every second', async () => {
  const { pool, begin, run } = await world();
  await writeEvents(pool, manyShops(6));
  const notes: number[] = [];
  // Rates are kept by time, and no time passes here.
  const clock = { ...systemClock, now: () => 0, sleep: async () => {} };
  await run(await begin(), { rate: 2, clock, onProgress: ({ position }) => void notes.push(position) });
  expect(notes).toEqual([2, 4, 6, 6]);
});

test('a process that dies in between rings its last slice again and skips nothing', async () => {
  const { pool, session, begin, run, publish, rung } = await world();
  await writeEvents(pool, manyShops(2_500));
  const dying = await session();
  const { rows } = await dying.query<{ pid: number }>('select pg_backend_pid() as pid');
  const replay = await begin();
  const die: Publish = async (rings, signal) => {
    const results = await publish(rings, signal);
    if (rung.length === 2_000) await pool.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
    return results;
  };
  await expect(run(replay, { database: dying, publish: die })).rejects.toThrow();
  const left = (await findReplay(pool, replay.id)) as Replay;
  expect(left).toMatchObject({ state: 'ringing', position: 1_000 });
  expect(await run(left)).toMatchObject({ state: 'done', rung: 2_500 });
  expect(rung).toHaveLength(3_500);
  expect(new Set(rung.map(({ id }) => id)).size).toBe(2_500);
});

test('a replay is rung by one process at a time', async () => {
  const { begin, database, session } = await world();
  const { id } = await begin();
  const other = await session();
  expect(await holdReplay(database, id)).toBe(true);
  expect(await holdReplay(other, id)).toBe(false);
  await database.end();
  expect(await holdReplay(await session(), id)).toBe(true);
});

test('a replay that another process finishes just before it is held is taken as done', async () => {
  const { begin, database, session } = await world();
  const replay = await begin();
  const other = await session();
  // What the other process notes and lets go comes before the first thing that this one asks for a second time.
  const finish = async () => noteProgress(other, { ...replay, rung: 7, state: 'done' });
  const late: Database = {
    query: async (...asked: Parameters<Database['query']>) => {
      if (JSON.stringify(asked).includes('pg_try_advisory_lock')) await finish();
      return database.query(...asked);
    },
  } as Database;
  expect(await takeReplay(late, replay.id)).toMatchObject({ state: 'done', rung: 7 });
  await expect(takeReplay(other, replay.id)).rejects.toThrow('is being rung by another process');
  expect(await takeReplay(database, 99)).toBeNull();
});

test('a broker that refuses for the moment is asked again, and a ring that it refuses for good is counted', async () => {
  const { pool, begin, run, publish, places } = await world();
  await writeEvents(pool, [...versionsOf('a', 1), ...versionsOf('b', 1)]);
  const told: string[] = [];
  let calls = 0;
  const refusing: Publish = async (rings, signal) => {
    if (++calls === 1) throw new Error('away');
    const [bad, good] = [rings.filter(({ id }) => id === 'a'), rings.filter(({ id }) => id === 'b')];
    await publish(good, signal);
    return rings.map((ring) =>
      bad.includes(ring) ? { accepted: false, retryable: false, reason: 'no' } : { accepted: true },
    );
  };
  const ended = await run(await begin(), {
    publish: refusing,
    onRefused: ({ id }, reason) => told.push(`${id}: ${reason}`),
    onRetry: (reason) => told.push(reason),
  });
  expect(ended).toMatchObject({ state: 'done', rung: 1, refused: 1 });
  expect(told).toEqual(['Error: away', 'a: no']);
  expect(places()).toEqual(['b1']);
});

test('shops that nobody knows are named', async () => {
  const { pool } = await world();
  await pool.query("insert into shop values ('a', 1, false, null, '{}')");
  expect(await unknownShops(pool, ['b', 'a', 'c'])).toEqual(['b', 'c']);
});
