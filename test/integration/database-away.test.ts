import { randomBytes } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { tokenDigest } from '../../publisher/api/token.ts';
import { openPool, RELAY_PATIENCE, transaction } from '../../publisher/store/database.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { databaseName, freePort } from '../support/database-name.ts';
import { printed, run } from '../support/dev-process.ts';
import { aShop, publisher } from '../support/publisher.ts';
import { forgetSlotAfterTest, untilStreaming } from '../support/relays.ts';
import { AWAY, runningPublisher } from '../support/running-publisher.ts';
import { runningRelay } from '../support/running-relay.ts';
import { silentNetwork } from '../support/silent-network.ts';
import { until } from '../support/wait.ts';

const insert = (id: string) =>
  `insert into shop_events (shop_id, version, event_id, type, data)
   values ('${id}', 1, gen_random_uuid(), 'shop.opened', '{}')`;

/** A URL at which nobody listens until somebody does. */
async function laterAt(url: string) {
  const port = await freePort();
  const later = new URL(url);
  later.port = String(port);
  return { url: later.href, appear: () => databaseName(url, port) };
}

describe('a publisher that is there before its database', () => {
  test('says so, answers everything 503, and goes on by itself: migrations, commands and rings', async () => {
    const { adminUrl } = await emptyDatabase();
    const database = await laterAt(adminUrl);
    const { call, ids, errors, stop } = await runningPublisher(database.url);
    expect(await call('GET', '/healthz')).toMatchObject(AWAY);
    expect(await call('POST', '/shops', { ...aShop, id: 'shop_early' })).toMatchObject(AWAY);
    expect((await call('GET', '/problems/unavailable')).status).toBe(200);
    expect(errors[0]?.message).toMatch(/^waiting for the database: .*ECONNREFUSED/);
    await database.appear();
    await until(async () => (await call('GET', '/healthz')).status === 200);
    expect((await call('POST', '/shops', { ...aShop, id: 'shop_late' })).status).toBe(201);
    await until(() => ids().includes('shop_late'));
    expect(await stop()).toBe(true);
  });

  test('stops at once, too, while it waits', async () => {
    const { adminUrl } = await emptyDatabase();
    const { stop, publisher } = await runningPublisher((await laterAt(adminUrl)).url);
    expect(await stop()).toBe(true);
    expect(await publisher.relay).toBe(undefined);
  });

  test.each([
    ['whose user is not made yet', { username: 'nobody_yet' }],
    ['that is not made yet', { pathname: '/not_yet' }],
  ])('waits for one %s, too', async (_, change) => {
    const { adminUrl } = await emptyDatabase();
    const url = new URL(adminUrl);
    Object.assign(url, change);
    const { call, stop } = await runningPublisher(url.href);
    expect(await call('GET', '/healthz')).toMatchObject(AWAY);
    expect(await stop()).toBe(true);
  });

  test('ends when the database that came is of another release: no waiting mends that', async () => {
    const { adminUrl } = await emptyDatabase();
    const admin = openPool({ connectionString: adminUrl, max: 1 });
    onTestFinished(() => admin.end());
    await admin.query(
      'create table migration (name text primary key, hash text not null, at timestamptz default now())',
    );
    await admin.query(`insert into migration values ('0001-shops.sql', 'another')`);
    const database = await laterAt(adminUrl);
    const { publisher } = await runningPublisher(database.url);
    await database.appear();
    await expect(publisher.relay).rejects.toThrow('applied with other text');
    await expect(runningPublisher(adminUrl)).rejects.toThrow('applied with other text');
  });

  test('names the file of its URL that is not there, and doesn’t wait for it', async () => {
    const { adminUrl } = await emptyDatabase();
    const url = `${adminUrl}?sslmode=verify-full&sslrootcert=/nowhere/ca.pem`;
    await expect(runningPublisher(url)).rejects.toThrow(/^DATABASE_URL: .*\/nowhere\/ca.pem/);
  });
});

test('migrations wait for their database, as a step of their own', async () => {
  const { adminUrl } = await emptyDatabase();
  const database = await laterAt(adminUrl);
  const running = run('publisher/migrate.ts', [], { DATABASE_ADMIN_URL: database.url });
  onTestFinished(() => void running.child.kill('SIGKILL'));
  await printed(running, '"kind":"error"');
  await database.appear();
  const { code, stdout, stderr } = await running.ended;
  expect([code, stderr]).toEqual([0, '']);
  expect(stdout).toContain('{"kind":"migrated","applied":["0001-shops.sql"');
});

describe('a database that falls silent', () => {
  test('keeps a publisher that is told to stop for no more than seven seconds, and it says that it was not clean', async () => {
    const { url } = await freshDatabase();
    const network = await silentNetwork(url);
    const running = run('publisher/main.ts', [], {
      DATABASE_URL: network.url,
      DOORBELL_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:nobody-is-rung',
      DOORBELL_SOURCE_TOKENS: `display=${'a'.repeat(64)},ad=${'a'.repeat(64)}`,
      DOORBELL_OPERATOR_TOKENS: tokenDigest('operator'),
      DOORBELL_PUBLISHER_PORT: '0',
      AWS_REGION: 'us-east-1',
    });
    onTestFinished(() => void running.child.kill('SIGKILL'));
    const [, port] = /"port":(\d+)/.exec(await printed(running, '"leading"')) ?? [];
    const ask = () => fetch(`http://127.0.0.1:${port}/healthz`).catch(() => null);
    expect((await ask())?.status).toBe(200);
    network.fallSilent();
    const asked = ask();
    // The relay's question, and ours.
    await until(() => network.unheard() > 1);
    const told = performance.now();
    running.child.kill('SIGTERM');
    const { code, stderr } = await running.ended;
    expect([code, stderr]).toEqual([1, 'The database did not answer, and is waited for no longer.\n']);
    expect(performance.now() - told).toBeLessThan(10_000);
    await asked;
  });

  test.each(['position', 'log'] as const)('for a moment holds up the relay by %s for a moment', async (kind) => {
    const { admin, adminUrl } = await freshDatabase();
    forgetSlotAfterTest(adminUrl);
    const network = await silentNetwork(adminUrl);
    const relay = runningRelay({ kind, url: () => network.url });
    await until(() => relay.said('leading'));
    if (kind === 'log') await untilStreaming(admin);
    network.fallSilent();
    const silent = performance.now();
    await admin.query(insert('during'));
    // Its question is lost: it asks every 100 ms, or every second.
    await until(() => performance.now() - silent > 1_500);
    network.speakAgain();
    await until(() => relay.ids().includes('during'));
    expect(performance.now() - silent).toBeLessThan(10_000);
    expect(relay.events).toContainEqual({ kind: 'failed', reason: 'Query read timeout' });
  });

  test('is given up by a relay before commands give it up, and not before a slot could be made', () => {
    // 15 s: what openPool waits for an answer; 5 s: the statement_timeout of createSlot.
    expect(RELAY_PATIENCE).toBeLessThan(15_000);
    expect(RELAY_PATIENCE).toBeGreaterThan(5_000);
  });
});

describe('a session that became useless in a transaction', () => {
  async function pids() {
    const { url, admin } = await freshDatabase();
    const errors: Error[] = [];
    const pool = openPool({ connectionString: url, max: 1, onError: (error) => errors.push(error) });
    onTestFinished(() => pool.end());
    const pidOf = async () => (await pool.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
    return { pool, admin, pidOf };
  }

  test('is thrown away, though it is alive', async () => {
    const { pool, pidOf } = await pids();
    const before = await pidOf();
    const demoted = transaction(pool, async (database) => {
      await database.query('set transaction read only');
      await database.query(insert('never'));
    });
    await expect(demoted).rejects.toMatchObject({ code: '25006' });
    expect(await pidOf()).not.toBe(before);
  });

  test('is kept where the statement was wrong', async () => {
    const { pool, pidOf } = await pids();
    const before = await pidOf();
    await expect(transaction(pool, (database) => database.query('select 1/0'))).rejects.toMatchObject({
      code: '22012',
    });
    expect(await pidOf()).toBe(before);
  });

  test('ends no process when it is cut between two statements', async () => {
    const { pool, admin, pidOf } = await pids();
    const strayed: Error[] = [];
    const note = (error: Error) => void strayed.push(error);
    process.on('uncaughtExceptionMonitor', note);
    onTestFinished(() => void process.off('uncaughtExceptionMonitor', note));
    const before = await pidOf();
    const cut = transaction(pool, async (database) => {
      await admin.query('select pg_terminate_backend($1)', [before]);
      await until(
        async () => (await admin.query('select 1 from pg_stat_activity where pid = $1', [before])).rows.length === 0,
      );
      await new Promise((resolve) => setImmediate(resolve));
      return database.query('select 1');
    });
    await expect(cut).rejects.toThrow();
    expect(strayed).toEqual([]);
    expect(await pidOf()).not.toBe(before);
  });
});

test('a database that is made read-only for its owner’s reasons is told by health, and answers commands 503', async () => {
  const { call, admin, register } = await publisher();
  await register('shop_a');
  const name = (await admin.query('select current_database() as name')).rows[0]?.name;
  onTestFinished(async () => void (await admin.query(`alter database ${name} reset default_transaction_read_only`)));
  await admin.query(`alter database ${name} set default_transaction_read_only = on`);
  await admin.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and usename <> current_user`,
    [name],
  );
  const away = async () => {
    const answers = [
      await call('GET', '/healthz'),
      await call('PUT', '/owners/owner_a', { name: 'A', publicName: 'A' }),
    ];
    return answers.map(({ status, body, headers }) => [status, body.code, headers.get('retry-after')]);
  };
  await until(async () => (await away())[0]?.[0] === 503);
  expect(await away()).toEqual([
    [503, 'unavailable', '1'],
    [503, 'unavailable', '1'],
  ]);
});

test('a password that was changed is no fault of a statement', async () => {
  const { url } = await freshDatabase();
  const wrong = url.replace(/:[^:@]+@/, `:${randomBytes(4).toString('hex')}@`);
  const pool = openPool({ connectionString: wrong });
  onTestFinished(() => pool.end());
  await expect(pool.query('select 1')).rejects.toMatchObject({ name: 'NoSession', cause: { code: '28P01' } });
  await expect(pool.connect()).rejects.toMatchObject({ name: 'NoSession', cause: { code: '28P01' } });
});
