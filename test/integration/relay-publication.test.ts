import { describe, expect, onTestFinished, test } from 'vitest';
import { RelayRefusal } from '../../publisher/relay/relay.ts';
import { systemClock } from '../../publisher/system.ts';
import { changeLogs } from '../support/change-logs.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { type RunOptions, runningRelay } from '../support/running-relay.ts';
import { until } from '../support/wait.ts';

/** Ten seconds in one of ours: the publication is looked at every second. */
const fast = { ...systemClock, now: () => Date.now() * 10 };

describe.each(Object.entries(changeLogs))('the log relay over the log of %s', (_, log) => {
  const { changes, publication, checkpoints } = log.tables;

  async function world() {
    const { admin, adminUrl: url } = await log.database();
    forgetSlotAfterTest(url, log);
    const start = (more: Partial<RunOptions> = {}) => runningRelay({ kind: 'log', log, url: () => url, ...more });
    const restore = () =>
      admin.query(`drop publication if exists ${publication};
        create publication ${publication} for table ${log.published} with (publish = 'insert')`);
    onTestFinished(async () => void (await restore()));
    return { admin, start, restore };
  }

  test('ends aloud when its publication loses the table, and rings later what was left out', async () => {
    const { admin, start, restore } = await world();
    const relay = start({ clock: fast });
    await untilStreaming(admin, log);
    await admin.query(log.insert('a'));
    await until(() => relay.ids().includes('a'));
    await admin.query(`alter publication ${publication} drop table ${changes}`);
    await admin.query(log.insert('left-out'));
    await expect(relay.done).rejects.toThrow(RelayRefusal);
    await expect(start().done).rejects.toThrow(log.remedies.publication);
    await restore();
    const again = start();
    await until(() => again.ids().includes('left-out'));
  });

  test('ends aloud when its publication is dropped', async () => {
    const { admin, start } = await world();
    const relay = start({ clock: fast });
    await untilStreaming(admin, log);
    await admin.query(`drop publication ${publication}`);
    await admin.query(log.insert('left-out'));
    await expect(relay.done).rejects.toThrow(log.remedies.publication);
  });

  test.each([
    ['a column', log.published.replace(', event_id', '')],
    ['rows', `${log.published} where (version > 1)`],
  ])('refuses a publication that leaves out %s, and stores that it has to catch up', async (_, published) => {
    const { admin, start } = await world();
    await admin.query(`drop publication ${publication}; create publication ${publication} for table ${published}`);
    await admin.query(log.insert('left-out'));
    const relay = start();
    await expect(relay.done).rejects.toThrow(log.remedies.publication);
    expect(relay.rung).toEqual([]);
    const { rows } = await admin.query(`select pos, catching_up as "catchingUp" from ${checkpoints}`);
    expect(rows).toEqual([{ pos: 0, catchingUp: true }]);
  });
});
