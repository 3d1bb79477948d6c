import type { Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type Database, openClient } from '../../publisher/postgres/database.ts';
import { createAnnounce } from '../../publisher/relay/announce.ts';
import { RelayRefusal } from '../../publisher/relay/relay.ts';
import type { Publish, Ring } from '../../publisher/relay/ring.ts';
import { COMMITTED } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { changeLogs, relaysOverLogs } from '../support/change-logs.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { type RunOptions, runningRelay } from '../support/running-relay.ts';
import { until } from '../support/wait.ts';

/** Ten seconds in one of ours. */
const fast = { ...systemClock, now: () => Date.now() * 10 };

describe.each(relaysOverLogs)('the relay by $kind over the log of $name', ({ kind, log }) => {
  const { insert } = log;

  async function world() {
    const { admin, adminUrl: url } = await log.database();
    forgetSlotAfterTest(url, log);
    const session = async () => {
      const client = await openClient(url);
      client.on('error', () => {});
      onTestFinished(() => client.end().catch(() => {}));
      return client;
    };
    /** A relay that has rung something, so that whatever follows comes as it comes in the long run. */
    const started = async (more: Partial<RunOptions> = {}) => {
      const relay = runningRelay({ kind, log, url: () => url, ...more });
      await untilFollowing(admin);
      await admin.query(insert('first'));
      await until(() => relay.ids().includes('first'));
      return relay;
    };
    return { admin, url, session, started };
  }

  const untilFollowing = async (database: Database) => {
    if (kind === 'log') await untilStreaming(database, log);
  };

  test('passes what was rolled back', async () => {
    const { admin, session, started } = await world();
    const relay = await started();
    const client = await session();
    await client.query('begin');
    await client.query(insert('never'));
    await client.query('rollback');
    await admin.query(insert('after'));
    await until(() => relay.ids().includes('after'));
    expect(relay.ids()).toEqual(['first', 'after']);
  });

  test('rings a commit whose answer was lost if and only if it is there', async () => {
    const { admin, session, started } = await world();
    const relay = await started();
    const sessions: number[] = [];
    for (let n = 0; n < 20; n++) {
      const client = await session();
      sessions.push((client as unknown as { processID: number }).processID);
      await client.query('begin');
      await client.query(insert(`shop${n}`));
      const answer = client.query('commit').catch(() => {});
      // Every other connection dies before the commit can have left, the others right after.
      if (n % 2 === 1) await turn();
      (client as unknown as { connection: { stream: Socket } }).connection.stream.destroy();
      await answer;
    }
    // A commit that is under way would be rung after the last one.
    const open = 'select 1 from pg_stat_activity where pid = any($1::int[])';
    await until(async () => (await admin.query(open, [sessions])).rows.length === 0);
    await admin.query(insert('last'));
    await until(() => relay.ids().includes('last'));
    const { rows } = await admin.query<{ id: string }>(log.committed);
    // The log relay may ring twice what is committed while it catches up with a new slot.
    expect([...new Set(relay.ids())].sort()).toEqual(rows.map(({ id }) => id).sort());
  });

  test.each([1, 2, 1_000])(
    'stops at a checkpoint %i beyond the last event, and names what mends it',
    async (beyond) => {
      const { admin, url } = await world();
      await admin.query(insert('last'));
      const last = await log.open(admin).last();
      await admin.query(`insert into ${log.tables.checkpoints} (name, pos, epoch) values ('position', $1, 1)`, [
        last + beyond,
      ]);
      const relay = runningRelay({ kind, log, url: () => url });
      await expect(relay.done).rejects.toThrow(RelayRefusal);
      await expect(relay.done).rejects.toThrow(log.remedies.restored);
      expect(relay.rung).toEqual([]);
    },
  );

  test('notices that another has taken over, and moves the checkpoint no more', async () => {
    const { admin, started } = await world();
    // The log relay looks every second of this clock, which has ten in one of ours.
    const relay = await started({ clock: fast });
    const { epoch } = await log.open(admin).raiseEpoch('position');
    await admin.query(insert('second'));
    await until(() => relay.events.some((event) => event.kind === 'failed' && /another relay/.test(event.reason)));
    await until(async () => {
      const { rows } = await admin.query<{ epoch: number }>(`select epoch from ${log.tables.checkpoints}`);
      return (rows[0]?.epoch ?? 0) > epoch;
    });
    await until(() => relay.ids().includes('second'));
  });

  test('rings again what SNS accepted without an answer, and only that', async () => {
    const { admin, url } = await world();
    const rung: Ring[] = [];
    let isLost = true;
    const publish: Publish = async (rings) => {
      rung.push(...rings);
      if (isLost && rings.some(({ id }) => id === 'twice')) {
        isLost = false;
        throw Object.assign(new Error('socket hang up'), { name: 'TimeoutError' });
      }
      return rings.map(() => ({ accepted: true }));
    };
    const relay = runningRelay({ kind, log, url: () => url, publish });
    await untilFollowing(admin);
    await admin.query(insert('once'));
    await until(() => rung.some(({ id }) => id === 'once'));
    await admin.query(insert('twice'));
    await until(() => rung.filter(({ id }) => id === 'twice').length === 2);
    await admin.query(insert('last'));
    await until(() => rung.some(({ id }) => id === 'last'));
    expect(rung.map(({ id }) => id)).toEqual(['once', 'twice', 'twice', 'last']);
    expect(relay.said('retrying')).toBe(true);
  });
});

test('the leading relay is woken by a commit of another process, without the poll', async () => {
  const { admin, adminUrl: url } = await changeLogs.shops.database();
  let isAsleep = false;
  const asleep = (signal: AbortSignal) => {
    isAsleep = true;
    return new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve(), { once: true })).finally(
      () => {
        isAsleep = false;
      },
    );
  };
  const relay = runningRelay({
    kind: 'position',
    url: () => url,
    clock: { ...systemClock, sleep: (_, signal) => asleep(signal) },
  });
  await until(() => relay.said('leading'));
  const announce = createAnnounce(admin, COMMITTED, (error) => expect(error).toBe(null));
  for (const id of ['a', 'b', 'c']) {
    // A relay that is still awake finds it by itself.
    await until(() => isAsleep);
    await admin.query(changeLogs.shops.insert(id));
    announce();
    announce();
    await until(() => relay.ids().includes(id));
  }
});
