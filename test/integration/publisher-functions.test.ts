import { describe, expect, onTestFinished, test } from 'vitest';
import { tokenDigest } from '../../publisher/http/token.ts';
import { apiFunction, migrateFunction } from '../../publisher/lambda.ts';
import { systemClock } from '../../publisher/system.ts';
import { request, secretArn } from '../support/aws-events.ts';
import { sourceTokensOf } from '../support/consumers.ts';
import { aShop, asOperator, operatorToken, tokens } from '../support/publisher.ts';
import { common, publisherFunctions as world } from '../support/publisher-functions.ts';
import { slowDatabase } from '../support/slow-database.ts';
import { until } from '../support/wait.ts';

const digest = (token = '') => tokenDigest(token);

describe('the API as a function', () => {
  const environment = {
    ...common,
    DOORBELL_SOURCE_TOKENS: sourceTokensOf({ display: digest(tokens['display']), ad: digest(tokens['ad']) }),
    DOORBELL_OPERATOR_TOKENS: digest(operatorToken),
  };
  const register = { body: { ...aShop, id: 'shop_a' }, headers: asOperator };

  test('takes a command from API Gateway, and shows a consumer what it agreed on', async () => {
    const { outside, reads } = await world();
    const invoke = apiFunction({ ...outside, environment });
    expect(reads).toEqual([]);
    expect((await request(invoke, 'POST', '/shops', register)).status).toBe(201);
    const headers = { authorization: `Bearer ${tokens['display']}` };
    const { status, body } = await request(invoke, 'GET', '/display/shops/shop_a', { headers });
    expect([status, body]).toMatchObject([200, { id: 'shop_a', version: 1, resource: { name: aShop.name } }]);
    expect((await request(invoke, 'GET', '/ad/shops/shop_a', { headers })).status).toBe(401);
    expect(reads).toEqual([secretArn('database')]);
  });

  test('has told the relay of a commit when it answers, for then its sandbox may be frozen', async () => {
    const { outside, secrets, url, pool } = await world();
    const database = await slowDatabase(url, 'notify doorbell_committed');
    secrets.set(secretArn('database'), database.url);
    let isAnswered = false;
    const answer = request(apiFunction({ ...outside, environment }), 'POST', '/shops', register).finally(() => {
      isAnswered = true;
    });
    await until(database.holds);
    for (let n = 0; n < 20; n++) await pool.query('select 1');
    expect(isAnswered).toBe(false);
    database.letThrough();
    expect((await answer).status).toBe(201);
  });

  test('reads its secret again when the database refuses it, and answers the request all the same', async () => {
    const { outside, secrets, reads, url, lines } = await world();
    const invoke = apiFunction({ ...outside, environment });
    secrets.set(secretArn('database'), url.replace(/:[^:@]+@/, ':planted-password@'));
    const first = request(invoke, 'GET', '/healthz');
    await until(() => reads.length === 1);
    secrets.set(secretArn('database'), url);
    expect((await first).status).toBe(200);
    expect((await request(invoke, 'POST', '/shops', register)).status).toBe(201);
    expect(reads).toHaveLength(2);
    expect(lines.join()).not.toContain('planted-password');
  });

  test('asks for its secret once in half a minute while the database refuses it', async () => {
    const { outside, secrets, reads, url } = await world();
    secrets.set(secretArn('database'), url.replace(/:[^:@]+@/, ':wrong@'));
    const invoke = apiFunction({ ...outside, environment });
    for (let n = 0; n < 3; n++) expect((await request(invoke, 'GET', '/healthz')).status).toBe(503);
    expect(reads).toHaveLength(2);
  });

  test('hears that its replica refuses it, and answers also while nobody can read the secret', async () => {
    const { outside, secrets, url, lines } = await world();
    secrets.set(secretArn('replica'), url.replace(/:[^:@]+@/, ':wrong@'));
    let now = systemClock.now();
    const clock = { ...systemClock, now: () => now };
    const replicated = { ...environment, DATABASE_READ_SECRET_ARN: secretArn('replica') };
    const invoke = apiFunction({ ...outside, environment: replicated, clock });
    const headers = { authorization: `Bearer ${tokens['display']}` };
    const read = async () => {
      const { status } = await request(invoke, 'GET', '/display/shops/shop_a', { headers });
      now += 31_000;
      return [status, lines.splice(0).map((line) => /replica is away|ResourceNotFound/.exec(line)?.[0])];
    };
    await request(invoke, 'POST', '/shops', register);
    expect(await read()).toEqual([200, ['replica is away']]);
    secrets.clear();
    expect(await read()).toEqual([200, ['replica is away', 'ResourceNotFound']]);
    for (const name of ['database', 'replica']) secrets.set(secretArn(name), url);
    expect(await read()).toEqual([200, ['replica is away']]);
    expect(await read()).toEqual([200, []]);
  });

  test('makes its connections anew after a rest, and keeps what its secret said', async () => {
    const { outside, reads, admin } = await world();
    let now = systemClock.now();
    const invoke = apiFunction({ ...outside, environment, clock: { ...systemClock, now: () => now } });
    const backends = async () =>
      (await admin.query(`select pid from pg_stat_activity where usename = 'doorbell_api' and query like 'do %'`)).rows;
    await request(invoke, 'GET', '/healthz');
    const before = await backends();
    now += 9_000;
    await request(invoke, 'GET', '/healthz');
    expect(await backends()).toEqual(before);
    now += 10_001;
    expect((await request(invoke, 'GET', '/healthz')).status).toBe(200);
    expect(await backends()).not.toEqual(before);
    expect(reads).toHaveLength(1);
  });

  test('that could not begin begins anew at the next request', async () => {
    const { outside, secrets, url } = await world();
    secrets.clear();
    const invoke = apiFunction({ ...outside, environment });
    await expect(request(invoke, 'GET', '/healthz')).rejects.toThrow('ResourceNotFoundException');
    secrets.set(secretArn('database'), 'the url is planted-password');
    await expect(request(invoke, 'GET', '/healthz')).rejects.toThrow(/secret:database holds no URL of a database/);
    secrets.set(secretArn('database'), url);
    expect((await request(invoke, 'GET', '/healthz')).status).toBe(200);
  });

  test('that finds neither secret says so, and its sandbox lives on', async () => {
    const { outside, secrets } = await world();
    secrets.clear();
    const strayed: unknown[] = [];
    const note = (error: unknown) => void strayed.push(error);
    process.on('unhandledRejection', note);
    onTestFinished(() => void process.off('unhandledRejection', note));
    const replica = { DATABASE_READ_SECRET_ARN: secretArn('replica') };
    const invoke = apiFunction({ ...outside, environment: { ...environment, ...replica } });
    await expect(request(invoke, 'GET', '/healthz')).rejects.toThrow('ResourceNotFoundException');
    await new Promise((resolve) => setImmediate(resolve));
    expect(strayed).toEqual([]);
  });

  test('names every variable that is missing', async () => {
    const invoke = apiFunction({ environment: { DOORBELL_STAGE: 'test' } });
    await expect(request(invoke, 'GET', '/healthz')).rejects.toThrow(
      /DOORBELL_SOURCE_TOKENS: missing; .*\nDOORBELL_OPERATOR_TOKENS: missing; .*\nDATABASE_SECRET_ARN: missing; /,
    );
  });
});

test('the migrations as a function are applied once, from texts that are handed in', async () => {
  const { outside, secrets, adminUrl } = await world();
  secrets.set(secretArn('owner'), adminUrl);
  const environment = { DOORBELL_STAGE: 'test', DATABASE_ADMIN_SECRET_ARN: secretArn('owner') };
  const invoke = migrateFunction([{ name: '0001-shops.sql', text: 'select 1' }], { ...outside, environment });
  await expect(invoke()).rejects.toThrow(/release doesn't know|other text/);
});
