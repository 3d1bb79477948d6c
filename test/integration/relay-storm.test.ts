import { setImmediate as turn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import type { Publish } from '../../publisher/relay/ring.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { freshDatabase } from '../support/database.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { forgetSlotAfterTest, type MakeRelay, naiveRelay, relays } from '../support/relays.ts';
import { inventedRings, inversions, lostEvents, storm, type Told } from '../support/storm.ts';
import { until } from '../support/wait.ts';

const never = new AbortController().signal;

async function world(makeRelay: MakeRelay) {
  // The log relay needs a user who may replicate; that the position relay needs less is in roles.test.ts.
  const { pool, adminUrl: url } = await freshDatabase();
  const rings: Told[] = [];
  const publish: Publish = async (batch) => {
    rings.push(...batch);
    return batch.map(() => ({ accepted: true }));
  };
  const session = async () => {
    const client = await openClient(url);
    onTestFinished(() => client.end());
    return client;
  };
  const relay = await makeRelay(
    { log: shopLog(await session()), name: 'storm', publish, clock: systemClock, observe: () => {} },
    url,
  );

  /** Relays until nothing is left; what a naive relay has lost by then it will never find. */
  async function drain(): Promise<void> {
    const isDone = async () => makeRelay === naiveRelay || (await lostEvents(pool, rings)).length === 0;
    await until(async () => (await relay.step(never)) === 'idle' && (await isDone()));
  }

  /** Relays all through the storm, and until nothing is left. */
  async function weather(transactions: number): Promise<void> {
    let isOver = false;
    const blowing = storm({ url, pool, writers: 8, transactions }).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await relay.step(never);
      await turn();
    }
    await blowing;
    await drain();
  }

  return { pool, rings, session, relay, drain, weather };
}

const insert = (id: string) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', 1, gen_random_uuid(), 'shop.opened', '{}')`;

test.each([
  ...relays.map(([name, make]): [string, MakeRelay, string[]] => [`rung by the ${name}`, make, []]),
  ['lost by a naive relay', naiveRelay, ['slow v1']],
] as [string, MakeRelay, string[]][])(
  'whoever is overtaken between its id and its commit is %s',
  async (_, makeRelay, lost) => {
    const { pool, rings, session, relay, drain } = await world(makeRelay);
    const slow = await session();
    await slow.query('begin');
    await slow.query(insert('slow'));
    await pool.query(insert('fast'));
    await relay.step(never);
    await slow.query('commit');
    await drain();
    expect(await lostEvents(pool, rings)).toEqual(lost);
  },
);

test.each(relays)(
  '%s: of a storm of eight writers nothing is lost, nothing invented, and no shop is rung backwards',
  async (_, makeRelay) => {
    const { pool, rings, weather } = await world(makeRelay);
    await weather(250);
    expect(rings.length).toBeGreaterThan(1_500);
    expect(await lostEvents(pool, rings)).toEqual([]);
    expect(await inventedRings(pool, rings)).toEqual([]);
    expect(inversions(rings)).toEqual([]);
    expect(new Set(rings.map(({ id, version }) => `${id} ${version}`)).size).toBe(rings.length);
  },
);

test('a naive relay loses events of the same storm', async () => {
  const { pool, rings, weather } = await world(naiveRelay);
  await weather(250);
  expect((await lostEvents(pool, rings)).length).toBeGreaterThan(0);
});

/** What a relay in a process of its own has rung, as far as its lines are whole. */
function rungBy({ output }: Running): Told[] {
  return [...output().matchAll(/^rung (\S+) (\d+)\n/gm)].map(([, id = '', version]) => ({
    id,
    version: Number(version),
  }));
}

test.each(['position', 'log'])(
  'a relay by %s that is killed in the storm is followed by its standby, and nothing is lost',
  async (kind) => {
    const { pool, adminUrl: url } = await freshDatabase();
    forgetSlotAfterTest(url);
    const start = async () => {
      const relay = run('test/support/relay-process.ts', [url, kind], {});
      onTestFinished(() => void relay.child.kill('SIGKILL'));
      await printed(relay, 'ready');
      return relay;
    };
    const first = await start();
    await printed(first, 'leading');
    const standby = await start();
    const blowing = storm({ url, pool, writers: 8, transactions: 250 });
    await until(() => rungBy(first).length > 300);
    first.child.kill('SIGKILL');
    await Promise.all([blowing, first.ended, printed(standby, 'leading')]);
    await until(async () => (await lostEvents(pool, [...rungBy(first), ...rungBy(standby)])).length === 0);
    expect(rungBy(first).length).toBeGreaterThan(300);
    expect(rungBy(standby).length).toBeGreaterThan(0);
    expect(await inventedRings(pool, rungBy(standby))).toEqual([]);
    standby.child.kill('SIGTERM');
    expect((await standby.ended).code).toBe(0);
  },
);
