import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import type { Publish } from '../../publisher/relay/ring.ts';
import { systemClock } from '../../publisher/system.ts';
import { type ChangeLog, changeLogs, relaysOverLogs } from '../support/change-logs.ts';
import { printed, type Running, run } from '../support/dev-process.ts';
import { forgetSlotAfterTest, type MakeRelay, makeRelayBy, naiveRelay } from '../support/relays.ts';
import { inventedRings, inversions, lostEvents, storm, type Told } from '../support/storm.ts';
import { until } from '../support/wait.ts';

const never = new AbortController().signal;

async function world(log: ChangeLog, makeRelay: MakeRelay) {
  // The log relay needs a user who may replicate; that the position relay needs less is in roles.test.ts.
  const { pool, adminUrl: url } = await log.database();
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
    { log: log.open(await session()), name: 'storm', publish, clock: systemClock, observe: () => {} },
    url,
  );

  /** Relays until nothing is left; what a naive relay has lost by then it will never find. */
  async function drain(): Promise<void> {
    const isDone = async () => makeRelay === naiveRelay || (await lostEvents(pool, log, rings)).length === 0;
    await until(async () => (await relay.step(never)) === 'idle' && (await isDone()));
  }

  /** Relays all through the storm, and until nothing is left. */
  async function weather(transactions: number): Promise<void> {
    let isOver = false;
    const blowing = storm({ log, url, pool, writers: 8, transactions }).finally(() => {
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

/** A change whose transaction is still open when a later one is committed and rung. */
async function overtaken(log: ChangeLog, makeRelay: MakeRelay): Promise<string[]> {
  const { pool, rings, session, relay, drain } = await world(log, makeRelay);
  const slow = await session();
  await slow.query('begin');
  await slow.query(log.insert('slow'));
  await pool.query(log.insert('fast'));
  await relay.step(never);
  await slow.query('commit');
  await drain();
  return lostEvents(pool, log, rings);
}

describe.each(Object.entries(changeLogs))('a naive relay over the log of %s', (_, log) => {
  test('loses whoever is overtaken between its position and its commit', async () => {
    expect(await overtaken(log, naiveRelay)).toEqual(['slow v1']);
  });

  test('loses changes in a storm', async () => {
    const { pool, rings, weather } = await world(log, naiveRelay);
    await weather(250);
    expect((await lostEvents(pool, log, rings)).length).toBeGreaterThan(0);
  });
});

/** What a relay in a process of its own has rung, as far as its lines are whole. */
function rungBy({ output }: Running): Told[] {
  return [...output().matchAll(/^rung (\S+) (\d+)\n/gm)].map(([, id = '', version]) => ({
    id,
    version: Number(version),
  }));
}

describe.each(relaysOverLogs)('the relay by $kind over the log of $name', ({ kind, name, log }) => {
  test('rings whoever is overtaken between its position and its commit', async () => {
    expect(await overtaken(log, makeRelayBy(kind, log))).toEqual([]);
  });

  test('in a storm of eight writers loses nothing, invents nothing, and rings no resource backwards', async () => {
    const { pool, rings, weather } = await world(log, makeRelayBy(kind, log));
    await weather(250);
    expect(rings.length).toBeGreaterThan(1_500);
    expect(await lostEvents(pool, log, rings)).toEqual([]);
    expect(await inventedRings(pool, log, rings)).toEqual([]);
    expect(inversions(rings)).toEqual([]);
    expect(new Set(rings.map(({ id, version }) => `${id} ${version}`)).size).toBe(rings.length);
  });

  test('if killed in a storm is followed by its standby, and nothing is lost', async () => {
    const { pool, adminUrl: url } = await log.database();
    forgetSlotAfterTest(url, log);
    const start = async () => {
      const relay = run('test/support/relay-process.ts', [url, kind, name], {});
      onTestFinished(() => void relay.child.kill('SIGKILL'));
      await printed(relay, 'ready');
      return relay;
    };
    const first = await start();
    await printed(first, 'leading');
    const standby = await start();
    const blowing = storm({ log, url, pool, writers: 8, transactions: 250 });
    await until(() => rungBy(first).length > 300);
    first.child.kill('SIGKILL');
    await Promise.all([blowing, first.ended, printed(standby, 'leading')]);
    await until(async () => (await lostEvents(pool, log, [...rungBy(first), ...rungBy(standby)])).length === 0);
    expect(rungBy(first).length).toBeGreaterThan(300);
    expect(rungBy(standby).length).toBeGreaterThan(0);
    expect(await inventedRings(pool, log, rungBy(standby))).toEqual([]);
    standby.child.kill('SIGTERM');
    expect((await standby.ended).code).toBe(0);
  });
});
