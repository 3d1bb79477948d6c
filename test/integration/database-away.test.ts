import { randomBytes } from 'node:crypto';
import { createServer as createHttp } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openPool } from '../../publisher/postgres/database.ts';
import { transaction } from '../../publisher/postgres/transaction.ts';
import { emptyDatabase, freshDatabase } from '../support/database.ts';
import { databaseName, freePort } from '../support/database-name.ts';
import { printed, run } from '../support/dev-process.ts';
import { aShop, publisher, tokens } from '../support/publisher.ts';
import { AWAY, runningPublisher } from '../support/running-publisher.ts';
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

/** A port where somebody speaks something else, or hangs up at once. */
async function strangeServer(kind: 'http' | 'hangs up') {
  const server =
    kind === 'http'
      ? createHttp((_, response) => void response.end('hello'))
      : createTcp((each) => void each.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return `postgres://a:b@127.0.0.1:${(server.address() as AddressInfo).port}/shops`;
}

/** Ways not to be a database. */
const strange: [string, () => string | Promise<string>][] = [
  ['speaks HTTP', () => strangeServer('http')],
  ['hangs up', () => strangeServer('hangs up')],
  ['has no address', () => 'postgres://a:b@no-such-host.invalid/shops'],
  ['lets us not in', async () => (await freshDatabase()).url.replace(/:[^:@]+@/, ':wrong@')],
];

test.each(strange)('a primary that %s at the start is waited for', async (_, url) => {
  const { call, errors, stop } = await runningPublisher(await url());
  expect(await call('GET', '/healthz')).toMatchObject(AWAY);
  expect(errors[0]?.message).toMatch(/^waiting for the database: ./);
  expect(await stop()).toBe(true);
});

test.each(strange)('a replica that %s leaves reading to the primary', async (_, url) => {
  const replica = openPool({ connectionString: await url(), isReplica: true });
  onTestFinished(() => replica.end());
  const { call, register, errors } = await publisher({ replica: { pool: replica, now: () => 0 } });
  await register('a');
  const headers = { authorization: `Bearer ${tokens['display']}` };
  expect((await call('GET', '/display/shops/a', undefined, headers)).status).toBe(200);
  expect(errors.map(({ message }) => message)).toEqual([expect.stringMatching(/^the read replica is away, /)]);
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
