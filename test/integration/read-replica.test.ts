import { describe, expect, onTestFinished, test } from 'vitest';
import { tokenDigest } from '../../publisher/http/token.ts';
import { openPool } from '../../publisher/postgres/database.ts';
import { sourceTokensOf } from '../support/consumers.ts';
import { freshDatabase } from '../support/database.ts';
import { printed, run } from '../support/dev-process.ts';
import { publisher, tokens } from '../support/publisher.ts';
import { laggingReplica } from '../support/replica.ts';
import { insertShops } from '../support/shops.ts';

const display = { authorization: `Bearer ${tokens['display']}` };
const atLeast = (version: number) => ({ ...display, 'min-version': String(version) });

/** A publisher that reads from a replica which has what `catchUp` gave it; its time goes on by `wait`. */
async function world() {
  const replica = await laggingReplica();
  let now = 1_750_000_000_000;
  const { call, register, pool, admin, errors } = await publisher({ replica: { pool: replica.pool, now: () => now } });
  const wait = (ms: number) => {
    now += ms;
  };
  const one = async (id: string, headers: Record<string, string>) => {
    const { status, body } = await call('GET', `/display/shops/${id}`, undefined, headers);
    return [status, body.version];
  };
  const batch = async (shops: unknown[]) => {
    const { body } = await call('POST', '/display/shops/batch', { resources: shops }, display);
    return body.resources.map(({ id, status, version }) => [id, status, version]);
  };
  return { call, register, pool, admin, errors, wait, one, batch, catchUp: () => replica.catchUp(pool) };
}

describe('a source API on a replica', () => {
  test('shows what the replica has; commands and history know no replica', async () => {
    const { call, register, one, catchUp } = await world();
    await register('a');
    await catchUp();
    await call('POST', '/shops/a/pause');
    await register('b');
    expect(await one('a', display)).toEqual([200, 1]);
    expect(await one('b', display)).toEqual([404, undefined]);
    const page = await call('GET', '/display/shops', undefined, display);
    expect(page.body.resources).toMatchObject([{ id: 'a', version: 1, resource: { openness: 'open' } }]);
    const digests = await call('POST', '/display/shops/digests', { prefixes: [''] }, display);
    expect(digests.body).toEqual({ digests: [{ prefix: '', resources: [{ id: 'a', version: 1 }] }] });
    expect((await call('GET', '/shops/a')).body).toMatchObject({ version: 2, openness: 'paused' });
    expect((await call('GET', '/shops/b/events')).body.events).toHaveLength(1);
    expect((await call('POST', '/shops/a/close')).body).toMatchObject({ version: 3 });
  });

  test('begins its feed where the replica is: what its pages lack comes after that', async () => {
    const { call, register, catchUp } = await world();
    const changes = async (body: unknown) => (await call('POST', '/display/shops/changes', body, display)).body;
    const ids = (rows: unknown) => (rows as { id: string }[]).map(({ id }) => id);
    await register('a');
    await catchUp();
    await register('b');
    const { next } = await changes({});
    expect(ids((await call('GET', '/display/shops', undefined, display)).body.resources)).toEqual(['a']);
    expect(ids((await changes({ after: next })).changes)).toEqual(['b']);
  });

  test('is protected from its lag by Min-Version, and asked twice it asks the primary', async () => {
    const { call, register, one, catchUp } = await world();
    await register('a');
    await catchUp();
    await call('POST', '/shops/a/pause');
    const first = await call('GET', '/display/shops/a', undefined, atLeast(2));
    expect(first).toMatchObject({ status: 503, body: { code: 'behind', version: 1 } });
    expect(first.headers.get('retry-after')).toBe('1');
    expect(await one('a', atLeast(2))).toEqual([200, 2]);
    // Who asks for no version is content with the replica's.
    expect(await one('a', display)).toEqual([200, 1]);
    // The primary lacks this version, too.
    expect(await one('a', atLeast(3))).toEqual([503, 2]);
    await catchUp();
    expect(await one('a', atLeast(2))).toEqual([200, 2]);
  });

  test('takes a shop it has never heard of for one that is still to come, until the primary decides', async () => {
    const { register, one } = await world();
    await register('new');
    expect(await one('new', atLeast(1))).toEqual([503, 0]);
    expect(await one('new', atLeast(1))).toEqual([200, 1]);
    expect(await one('never', atLeast(1))).toEqual([503, 0]);
    expect(await one('never', atLeast(1))).toEqual([404, undefined]);
  });

  test('learns from the primary that a shop has closed', async () => {
    const { call, register, one, catchUp } = await world();
    await register('a');
    await catchUp();
    await call('POST', '/shops/a/close');
    expect(await one('a', atLeast(2))).toEqual([503, 1]);
    expect(await one('a', atLeast(2))).toEqual([410, 2]);
  });

  test('answers each shop of a batch for itself', async () => {
    const { call, register, batch, catchUp } = await world();
    for (const id of ['a', 'b', 'c']) await register(id);
    await catchUp();
    for (const id of ['a', 'b']) await call('POST', `/shops/${id}/pause`);
    const wants = [
      { id: 'a', minVersion: 2 },
      { id: 'c', minVersion: 1 },
    ];
    expect(await batch(wants)).toEqual([
      ['a', 503, 1],
      ['c', 200, 1],
    ]);
    expect(await batch([...wants, { id: 'b', minVersion: 2 }, { id: 'z', minVersion: 1 }])).toEqual([
      ['a', 200, 2],
      ['c', 200, 1],
      ['b', 503, 1],
      ['z', 503, 0],
    ]);
  });

  test('forgets after a minute who asked', async () => {
    const { call, register, one, catchUp, wait } = await world();
    await register('a');
    await catchUp();
    await call('POST', '/shops/a/pause');
    expect(await one('a', atLeast(2))).toEqual([503, 1]);
    wait(60_001);
    expect(await one('a', atLeast(2))).toEqual([503, 1]);
    wait(59_000);
    expect(await one('a', atLeast(2))).toEqual([200, 2]);
  });

  test('shows the other shops of a batch when the primary can not be asked', async () => {
    const { call, register, admin, batch, catchUp, errors } = await world();
    for (const id of ['a', 'b']) await register(id);
    await catchUp();
    await call('POST', '/shops/a/pause');
    const wants = [{ id: 'a', minVersion: 2 }, { id: 'b' }];
    await batch(wants);
    await admin.query('alter table shop rename to shop_elsewhere');
    const answers = await batch(wants);
    await admin.query('alter table shop_elsewhere rename to shop');
    expect(answers).toEqual([
      ['a', 503, 1],
      ['b', 200, 1],
    ]);
    expect(errors).toHaveLength(1);
  });
});

test('a replica that is away is stood in for by the primary, and reported once in five seconds', async () => {
  // Nothing listens on port 1.
  const away = openPool({ connectionString: 'postgres://nobody@127.0.0.1:1/shops' });
  onTestFinished(() => away.end());
  let now = 1_750_000_000_000;
  const { call, register, errors } = await publisher({ replica: { pool: away, now: () => now } });
  await register('a');
  const one = async () => (await call('GET', '/display/shops/a', undefined, atLeast(1))).status;
  expect(await Promise.all([one(), one(), one()])).toEqual([200, 200, 200]);
  expect(errors.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^the read replica is away, the primary reads: .*ECONNREFUSED/),
  ]);
  now += 5_000;
  expect(await Promise.all([one(), one()])).toEqual([200, 200]);
  expect(errors).toHaveLength(2);
});

test('the process finds its replica by DATABASE_READ_URL', async () => {
  const { url } = await freshDatabase();
  const replica = await laggingReplica();
  await insertShops(replica.pool, [{ id: 'only-there', version: 7, closed: true }]);
  const running = run('publisher/main.ts', [], {
    DATABASE_URL: url,
    DATABASE_READ_URL: replica.url,
    DOORBELL_TOPIC_ARN: 'arn:aws:sns:us-east-1:000000000000:nobody-is-rung',
    DOORBELL_SOURCE_TOKENS: sourceTokensOf({ display: tokenDigest('secret') }),
    DOORBELL_OPERATOR_TOKENS: tokenDigest('operator'),
    DOORBELL_PUBLISHER_PORT: '0',
    AWS_REGION: 'us-east-1',
  });
  onTestFinished(() => void running.child.kill('SIGKILL'));
  const [, port] = /"port":(\d+)/.exec(await printed(running, '"listening"')) ?? [];
  const headers = { authorization: 'Bearer secret' };
  const answer = await fetch(`http://127.0.0.1:${port}/display/shops/only-there`, { headers });
  expect([answer.status, await answer.json()]).toMatchObject([410, { version: 7 }]);
  running.child.kill('SIGTERM');
  expect(await running.ended).toMatchObject({ code: 0, stderr: '' });
});
