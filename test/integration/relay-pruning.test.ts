import { setImmediate as turn } from 'node:timers/promises';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { openClient, type Pool } from '../../publisher/postgres/database.ts';
import { createPositionRelay } from '../../publisher/relay/position-relay.ts';
import type { RelayEvent } from '../../publisher/relay/relay.ts';
import { systemClock } from '../../publisher/system.ts';
import { changeLogs } from '../support/change-logs.ts';
import type { TestDatabase } from '../support/database.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { runningRelay } from '../support/running-relay.ts';
import { storm, type Told } from '../support/storm.ts';
import { until } from '../support/wait.ts';

const log = changeLogs.outbox;
const never = new AbortController().signal;

/** A minute in 20 ms of ours: the relay removes old changes all the time. */
const fast = { ...systemClock, now: () => Date.now() * 3_000 };

let database: TestDatabase;

beforeEach(async () => {
  database = await log.database();
  // Every change is old when it is written, so that only the checkpoints protect it.
  await database.admin.query(
    `alter table doorbell.change alter column at set default clock_timestamp() - interval '31 days'`,
  );
});

/** The versions that a follower never heard of. Removed changes are known from the versions of their resources. */
async function missing(pool: Pool, rings: readonly Told[]): Promise<string[]> {
  const rung = new Set(rings.map(({ id, version }) => `${id} v${version}`));
  const { rows } = await pool.query<{ name: string }>(
    `select id || ' v' || n as name from doorbell.resource, generate_series(1, version) as n`,
  );
  return rows.map(({ name }) => name).filter((name) => !rung.has(name));
}

/** Follows the log by a checkpoint of its own, few changes a step, as a second relay that lags. */
async function slowFollower(url: string) {
  const client = await openClient(url);
  onTestFinished(() => client.end());
  const rung: Told[] = [];
  const opened = log.open(client);
  const relay = createPositionRelay(
    {
      log: { ...opened, readAfter: (position) => opened.readAfter(position, 7) },
      name: 'second',
      publish: async (rings) => {
        rung.push(...rings);
        return rings.map(() => ({ accepted: true }));
      },
      clock: systemClock,
      observe: () => {},
    },
    await opened.raiseEpoch('second'),
  );
  return { rung, step: () => relay.step(never) };
}

const prunedBy = (events: RelayEvent[]) => events.flatMap((event) => (event.kind === 'pruned' ? event.changes : []));
const remaining = async () => (await database.admin.query<Told>(log.committed)).rows.length;

describe.each(['position', 'log'] as const)('the relay by %s over an outbox', (kind) => {
  test('removes in a storm what every relay has rung, and nothing that one of two has not', async () => {
    const { admin, adminUrl: url } = database;
    if (kind === 'log') forgetSlotAfterTest(url, log);
    const second = await slowFollower(url);
    const first = runningRelay({ kind, log, url: () => url, clock: fast });
    if (kind === 'log') await untilStreaming(admin, log);
    let isOver = false;
    const blowing = storm({ log, url, pool: admin, writers: 4, transactions: 60 }).finally(() => {
      isOver = true;
    });
    while (!isOver) {
      await second.step();
      await turn();
    }
    await blowing;
    await until(async () => (await missing(admin, first.rung)).length === 0);
    await until(async () => (await second.step()) === 'idle');
    expect(await missing(admin, second.rung)).toEqual([]);
    // The newest change stays: the next relay compares its checkpoint with it.
    await until(async () => (await remaining()) === 1);
    // Once more at least, however short the storm was.
    await admin.query(log.insert('later'));
    await until(async () => (await second.step()) === 'idle' && (await remaining()) === 1);
    await first.stop();
    const removed = prunedBy(first.events);
    expect(removed.length).toBeGreaterThan(1);
    expect(removed.reduce((sum, changes) => sum + changes) + 1).toBe((await missing(admin, [])).length);
    expect(first.said('failed')).toBe(false);
  });
});

test('the log relay does not wait for changes that are sent again and were removed', async () => {
  const { admin, adminUrl: url } = database;
  forgetSlotAfterTest(url, log);
  const first = runningRelay({ kind: 'log', log, url: () => url });
  await untilStreaming(admin, log);
  await first.stop();
  for (const id of ['a', 'b', 'c']) await admin.query(log.insert(id));
  // As after a crash of the server, which remembers an older place of the slot than the checkpoint.
  await admin.query(`update doorbell.relay_checkpoint set pos = 3`);
  await admin.query(`select doorbell.prune('30 days')`);
  expect(await remaining()).toBe(1);
  const second = runningRelay({ kind: 'log', log, url: () => url });
  await admin.query(log.insert('d'));
  await until(() => second.ids().includes('d'));
});

test('a role of few rights removes old changes; without the right the relay says so and goes on', async () => {
  const { admin, pool, url } = database;
  const role = new URL(url).username;
  await pool.query(log.insert('a'));
  const relay = runningRelay({ kind: 'position', log, url: () => url, clock: fast });
  await until(() => relay.ids().includes('a'));
  await pool.query(log.insert('b'));
  await until(() => relay.said('pruned'));
  await admin.query(`revoke execute on function doorbell.prune(interval) from ${role}`);
  onTestFinished(async () => void (await admin.query(`grant execute on function doorbell.prune to ${role}`)));
  await until(() => relay.said('prune-failed'));
  expect(relay.events.find(({ kind }) => kind === 'prune-failed')).toMatchObject({
    reason: expect.stringMatching(/permission denied/),
  });
  await pool.query(log.insert('c'));
  await until(() => relay.ids().includes('c'));
  expect(relay.said('failed')).toBe(false);
});
