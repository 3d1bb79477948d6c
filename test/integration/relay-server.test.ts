import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { openClient } from '../../publisher/postgres/database.ts';
import { RelayRefusal } from '../../publisher/relay/relay.ts';
import { shopLog } from '../../publisher/shops/store/shop-log.ts';
import { systemClock } from '../../publisher/system.ts';
import { type OwnServer, startOwnServer } from '../support/postgres-server.ts';
import { runningRelay } from '../support/running-relay.ts';
import { until } from '../support/wait.ts';

/** A server of their own, one after the other: it is restarted, misconfigured, and given nothing to do. */
let server: OwnServer;

beforeAll(async () => {
  // A receiver that is silent for a second is given up: a sixtieth of what PostgreSQL does by itself.
  server = await startOwnServer({ wal_sender_timeout: '1s' });
});
afterAll(() => server.stop());

const kinds = ['position', 'log'] as const;
const insert = (id: string) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', 1, gen_random_uuid(), 'shop.opened', '{}')`;

async function session() {
  const client = await openClient(server.url());
  client.on('error', () => {});
  onTestFinished(() => client.end().catch(() => {}));
  return client;
}

test.each(kinds)('the %s relay goes on after a restart of PostgreSQL, and nothing is lost', async (kind) => {
  const relay = runningRelay({ kind, url: () => server.url() });
  await until(() => relay.said('leading'));
  await (await session()).query(insert(`before-${kind}`));
  await until(() => relay.ids().includes(`before-${kind}`));
  await server.restart();
  await (await session()).query(insert(`after-${kind}`));
  await until(() => relay.ids().includes(`after-${kind}`));
  expect(relay.said('failed')).toBe(true);
});

test('the log relay survives two minutes without an event', async () => {
  // Its minute is a second, as the server's is.
  const clock = { ...systemClock, sleep: (ms: number, signal: AbortSignal) => systemClock.sleep(ms / 60, signal) };
  const relay = runningRelay({ kind: 'log', url: () => server.url(), clock });
  const client = await session();
  const alive = async () => {
    const { rows } = await client.query<{ pid: number; heard: number }>(
      'select pid, extract(epoch from reply_time - backend_start)::float8 as heard from pg_stat_replication',
    );
    return rows[0];
  };
  const { pid } = await until(alive);
  await until(async () => ((await alive())?.heard ?? 0) > 2);
  await client.query(insert('awake'));
  await until(() => relay.ids().includes('awake'));
  expect((await alive())?.pid).toBe(pid);
  expect(relay.said('failed')).toBe(false);
});

test('a ring waits until whoever comes to look can see what was committed', async () => {
  const relay = runningRelay({ kind: 'log', url: () => server.url() });
  const client = await session();
  const slot = await shopLog(client).replication.name();
  await until(async () => (await shopLog(client).replication.read(slot))?.active);
  // A commit waits for a standby that never answers: its record is in the log, and it is not visible.
  await client.query(`alter system set synchronous_standby_names = 'nobody'`);
  await client.query('select pg_reload_conf()');
  await until(async () => (await client.query('show synchronous_standby_names')).rows[0].synchronous_standby_names);
  const committing = (await session()).query(insert('hidden'));
  await until(async () => {
    const { rows } = await client.query(`select 1 from pg_stat_activity where wait_event = 'SyncRep'`);
    return rows.length > 0;
  });
  // Three answers of the gate, none of them "visible".
  const asked = async () =>
    (
      await client.query<{ calls: number }>(
        'select xact_commit::int as calls from pg_stat_database where datname = current_database()',
      )
    ).rows[0]?.calls ?? 0;
  const before = await asked();
  await until(async () => (await asked()) > before + 3);
  expect(relay.ids()).not.toContain('hidden');
  await client.query(`alter system reset synchronous_standby_names`);
  await client.query('select pg_reload_conf()');
  await committing;
  await until(() => relay.ids().includes('hidden'));
});

test('a slot that the server gave up is made anew, and nothing is lost', async () => {
  const client = await session();
  const slot = await shopLog(client).replication.name();
  const first = runningRelay({ kind: 'log', url: () => server.url() });
  await until(async () => (await shopLog(client).replication.read(slot))?.active);
  await first.stop();
  await client.query(insert('unseen'));
  await client.end();
  await server.restart({ max_slot_wal_keep_size: '1MB' });
  const writer = await session();
  for (let n = 0; n < 3; n++) {
    await writer.query(`select pg_logical_emit_message(false, 'test', 'fills a segment'), pg_switch_wal()`);
    await writer.query('checkpoint');
  }
  expect(await shopLog(writer).replication.read(slot)).toMatchObject({ status: 'lost' });
  const second = runningRelay({ kind: 'log', url: () => server.url() });
  await until(() => second.ids().includes('unseen'));
  expect(second.said('catching-up')).toBe(true);
});

test.each(kinds)('the %s relay refuses to follow a standby', async (kind) => {
  const standby = await server.standby();
  const relay = runningRelay({ kind, url: () => standby });
  await expect(relay.done).rejects.toThrow(RelayRefusal);
  expect(relay.rung).toEqual([]);
});

test('without wal_level = logical the log relay says what to set', async () => {
  const client = await session();
  const slot = await shopLog(client).replication.name();
  await client.query(`select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = $1`, [
    slot,
  ]);
  await server.restart({ wal_level: 'replica' });
  const relay = runningRelay({ kind: 'log', url: () => server.url() });
  await expect(relay.done).rejects.toThrow(/needs wal_level = logical/);
});
