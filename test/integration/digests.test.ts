import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { bucketsByPages } from '../../contracts/wire/digests.ts';
import type { ResourceVersion } from '../../contracts/wire/source-api.ts';
import { readBuckets } from '../../publisher/shops/store/read-buckets.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { freshDatabase } from '../support/database.ts';
import { callOn, publisher, tokens } from '../support/publisher.ts';
import { type BareShop, idsIn, insertShops } from '../support/shops.ts';
import { smallAgreement } from '../support/small-consumer.ts';

const display = { authorization: `Bearer ${tokens.display}` };

/** Random from a seed: a hash of a number, so that a failure can be repeated. */
const draw = (n: number) => createHash('sha256').update(`seed ${n}`).digest();

/** Ids of all lengths and characters, versions of all magnitudes up to 2^53, a fifth of them closed. */
function randomShop(n: number): BareShop {
  const bytes = draw(n);
  const id = Buffer.concat([bytes, draw(n + 1_000_000)])
    .toString('base64url')
    .slice(0, 4 + ((bytes[0] ?? 0) % 61));
  const version = 1 + Number(bytes.readBigUInt64BE(1) >> BigInt(11 + ((bytes[9] ?? 0) % 53)));
  return { id, version: Math.min(version, Number.MAX_SAFE_INTEGER), closed: (bytes[10] ?? 0) % 5 === 0 };
}

async function* onePage(shops: readonly ResourceVersion[]) {
  yield shops.map(({ id, version }) => ({ id, version }));
}

const byId = (a: ResourceVersion, b: ResourceVersion) => (a.id < b.id ? -1 : 1);
const twoDigits = Array.from({ length: 256 }, (_, n) => n.toString(16).padStart(2, '0'));

describe('digests', () => {
  test('are the same from PostgreSQL and from JavaScript, over 6,000 random shops, closed ones too', async () => {
    const { pool } = await freshDatabase();
    const random = Array.from({ length: 5_000 }, (_, n) => randomShop(n));
    // So many in one bucket that it is divided, too.
    const crowded = idsIn('ab', 1_100).map((id, n) => ({ id, version: 1 + n, closed: n % 7 === 0 }));
    const shops = [...random, ...crowded].toSorted(byId);
    await insertShops(pool, shops);
    const deep = crowded.map(({ id }) => createHash('sha256').update(id).digest('hex').slice(0, 6));
    for (const prefixes of [[''], twoDigits, ['', 'ab', ...new Set(deep)]])
      expect(await readBuckets(pool, prefixes)).toEqual(await bucketsByPages(prefixes, onePage(shops)));
    const answers = await readBuckets(pool, ['', 'ab', 'cd']);
    expect(answers.map((answer) => Object.keys(answer)[1])).toEqual(['buckets', 'buckets', 'resources']);
  });

  test('of an empty store are an empty list', async () => {
    const { pool } = await freshDatabase();
    expect(await readBuckets(pool, ['', 'ab'])).toEqual([
      { prefix: '', resources: [] },
      { prefix: 'ab', resources: [] },
    ]);
  });

  test('take the address of no shop, and need the token of the agreement', async () => {
    const { call, register } = await publisher();
    for (const id of ['digests', 'batch']) await register(id);
    const shown = await call('GET', '/display/shops/digests', undefined, display);
    expect([shown.status, shown.body.id]).toEqual([200, 'digests']);
    const asked = await call('POST', '/display/shops/digests', { prefixes: [''] }, display);
    expect([asked.status, asked.body]).toEqual([
      200,
      {
        digests: [
          {
            prefix: '',
            resources: [
              { id: 'batch', version: 1 },
              { id: 'digests', version: 1 },
            ],
          },
        ],
      },
    ]);
    expect((await call('POST', '/display/shops/digests', { prefixes: [''] })).status).toBe(401);
    expect((await call('POST', '/display/shops/digests', { prefixes: ['xy'] }, display)).status).toBe(422);
  });

  test('change with every event, the one that closes a shop too', async () => {
    const { call, register } = await publisher();
    await register('a');
    const versions = async () => {
      const { body } = await call('POST', '/display/shops/digests', { prefixes: [''] }, display);
      return (body['digests'] as { resources: ResourceVersion[] }[])[0]?.resources;
    };
    expect(await versions()).toEqual([{ id: 'a', version: 1 }]);
    await call('POST', '/shops/a/pause');
    expect(await versions()).toEqual([{ id: 'a', version: 2 }]);
    await call('POST', '/shops/a/close');
    expect(await versions()).toEqual([{ id: 'a', version: 3 }]);
  });

  test('come from pages where a source says no more than those, from a Map for example', async () => {
    const shops = new Map(Array.from({ length: 1_234 }, (_, n) => [`shop_${n}`, { version: 1 + n }]));
    const ids = [...shops.keys()].toSorted();
    const row = (id: string) => ({ id, version: shops.get(id)?.version ?? 0, state: { name: id } });
    const app = new Hono().route(
      '/',
      sourceRoutes(smallAgreement, {
        read: async (wanted) => wanted.filter((id) => shops.has(id)).map(row),
        readPage: async (after, limit) =>
          ids
            .filter((id) => id > after)
            .slice(0, limit)
            .map(row),
        select: (state) => state,
        tokens: null,
        onFault: (error) => expect.fail(error.message),
      }),
    );
    const { pool } = await freshDatabase();
    await insertShops(
      pool,
      ids.map((id) => ({ id, version: row(id).version, closed: false })),
    );
    const { body } = await callOn(app)('POST', '/small/shops/digests', { prefixes: ['', 'ab'] });
    expect(body).toEqual({ digests: await readBuckets(pool, ['', 'ab']) });
  });
});
