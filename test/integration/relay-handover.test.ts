import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { changeLogs } from '../support/change-logs.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { runningRelay } from '../support/running-relay.ts';
import { until } from '../support/wait.ts';

describe.each(Object.entries(changeLogs))('the relays over the log of %s', (_, log) => {
  async function world() {
    const { admin, pool, adminUrl: url, url: plainUrl } = await log.database();
    forgetSlotAfterTest(url, log);
    const { replication } = log.open(admin);
    const slot = await replication.name();
    const started = async (user: string) => {
      const relay = runningRelay({ kind: 'log', log, url: () => user });
      await untilStreaming(admin, log);
      return relay;
    };
    const gone = () => until(async () => !(await replication.read(slot))?.active);
    return { admin, pool, url, plainUrl, started, gone, slot: () => replication.read(slot) };
  }

  test('one kind follows the other without a gap, and a slot that nobody reads is dropped', async () => {
    const { admin, url, plainUrl, started, slot, gone } = await world();
    const first = await started(url);
    await admin.query(log.insert('a'));
    await until(() => first.ids().includes('a'));
    await first.stop();
    await gone();
    await admin.query(log.insert('b'));
    // The API's user, who may not replicate.
    const position = runningRelay({ kind: 'position', log, url: () => plainUrl });
    await until(() => position.ids().includes('b'));
    expect(await slot()).toBe(null);
    await position.stop();
    await admin.query(log.insert('c'));
    const again = await started(url);
    await until(() => again.ids().includes('c'));
    expect(again.ids()).toEqual(['c']);
  });

  test('the log relay needs the rights of the other one and the attribute REPLICATION, and no more', async () => {
    const { admin, pool, plainUrl, started } = await world();
    const [name, password] = [`relay_${randomBytes(6).toString('hex')}`, randomBytes(16).toString('hex')];
    const { username } = new URL(plainUrl);
    await admin.query(`create role ${name} login replication password '${password}' in role ${username}`);
    onTestFinished(async () => void (await admin.query(`drop role ${name}`)));
    const relay = await started(plainUrl.replace(/\/\/[^@]+@/, `//${name}:${password}@`));
    await pool.query(log.insert('a'));
    await until(() => relay.ids().includes('a'));
    await relay.stop();
  });
});
