import { describe, expect, test } from 'vitest';
import { commands } from '../../contracts/shops/commands.ts';
import { tokenDigest } from '../../publisher/http/token.ts';
import { systemIds } from '../../publisher/ids.ts';
import { createApp } from '../../publisher/shops/api/app.ts';
import { freshDatabase } from '../support/database.ts';
import { asOperator, callOn, publisher, tokens } from '../support/publisher.ts';

/** Every command of the contract, and everything that is read beside them. */
const operations = [
  ...Object.values(commands).map(({ method, path }) => [method.toUpperCase(), path.replace(/:\w+/g, 'a')] as const),
  ...['/shops', '/shops/a', '/shops/a?version=1', '/shops/a/events', '/shops/x/y/z', '/owners/a'].map(
    (path) => ['GET', path] as const,
  ),
];

const strangers = [undefined, 'Bearer', 'Bearer wrong', `Basic ${btoa('operator:token-of-operator')}`];

/** The real app, with these operators. */
async function appFor(operatorTokens: string[] | null) {
  const { pool } = await freshDatabase();
  const none = () => {};
  return createApp({
    pool,
    ids: systemIds,
    onCommitted: none,
    tokensFor: () => null,
    operatorTokens,
    limit: () => true,
    metrics: async () => '',
    onError: none,
  });
}

describe('the operator token', () => {
  test.each(operations)('is needed for %s %s', async (method, path) => {
    const { app, pool, register } = await publisher();
    await register('a');
    const consumers = Object.values(tokens).map((token) => `Bearer ${token}`);
    for (const authorization of [...strangers, ...consumers]) {
      const response = await app.request(path, { method, ...(authorization && { headers: { authorization } }) });
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(await response.json()).toMatchObject({ code: 'unauthorized', detail: expect.stringContaining('Bearer') });
    }
    expect((await pool.query('select from shop_events')).rowCount).toBe(1);
  });

  test('is good for no source API', async () => {
    const { call, register } = await publisher();
    await register('a');
    for (const path of ['/display/shops', '/display/shops/a', '/ad/shops/a'])
      expect((await call('GET', path, undefined, asOperator)).status).toBe(401);
  });

  test('is not needed to ask how the publisher is, or what a problem means', async () => {
    const { app } = await publisher();
    for (const path of ['/healthz', '/problems/unauthorized']) expect((await app.request(path)).status).toBe(200);
  });

  test('may be two at a time, while one takes over from the other', async () => {
    const app = await appFor([tokenDigest('old'), tokenDigest('new')]);
    const statuses = ['old', 'new', 'older'].map(async (token) => {
      return (await callOn(app)('GET', '/shops', undefined, { authorization: `Bearer ${token}` })).status;
    });
    expect(await Promise.all(statuses)).toEqual([200, 200, 401]);
  });

  test('cannot be nothing, though its digest was stored', async () => {
    const app = await appFor([tokenDigest('')]);
    for (const headers of [{}, { authorization: 'Bearer ' }])
      expect((await app.request('/shops', { headers })).status).toBe(401);
  });

  test('is asked of nobody where a service that embeds the app says null', async () => {
    const app = await appFor(null);
    expect((await app.request('/shops')).status).toBe(200);
  });
});
