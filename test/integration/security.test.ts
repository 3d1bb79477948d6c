import { Hono } from 'hono';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parts } from '../../consumers/all.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { agreements } from '../../contracts/shops/agreements/all.ts';
import { listen } from '../../publisher/http/listen.ts';
import { systemClock } from '../../publisher/system.ts';
import { agreedShop } from '../contract/agreed-shop.ts';
import { exampleOf } from '../contract/matchers.ts';
import { httpServer, json } from '../support/http-server.ts';
import { aShop, asOperator, operatorToken, publisher, tokens } from '../support/publisher.ts';
import { smallClient } from '../support/small-client.ts';

/** All that answers without a token: whoever adds to this list opens a door. */
const OPEN = ['GET /docs', 'GET /healthz', 'GET /openapi.json', 'GET /problems/:code'];

/** What the app answers to; middleware stands for every method. */
const routesOf = ({ routes }: Hono) => [
  ...new Set(routes.filter(({ method }) => method !== 'ALL').map(({ method, path }) => `${method} ${path}`)),
];

describe('every route of the publisher', () => {
  test('asks for a token, but for those that are open to all', async () => {
    const { app } = await publisher();
    const open: string[] = [];
    for (const route of routesOf(app)) {
      const [method = '', path = ''] = route.split(' ');
      const { status } = await app.request(path.replace(/:\w+/g, 'a'), { method });
      if (status !== 401) open.push(route);
    }
    expect(routesOf(app).length).toBeGreaterThan(20);
    expect(open.sort()).toEqual(OPEN);
  });

  test.each([
    '//shops',
    '/%73hops',
    '/shops/',
    '/./shops',
    '/x/../shops',
    '/SHOPS',
    '/shops;a',
    '/shops%2Fa',
    '/shops%3F',
    '/owners//a',
  ])('is reached by no other way of writing it: %s', async (path) => {
    const { app, register } = await publisher();
    await register('a');
    for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT'])
      expect([401, 404]).toContain((await app.request(path, { method })).status);
  });

  test('is closed to a token that is good elsewhere', async () => {
    const { app } = await publisher();
    const doors = { ...tokens, operator: operatorToken };
    for (const route of routesOf(app).filter((route) => !OPEN.includes(route))) {
      const [method = '', path = ''] = route.split(' ');
      const opening: string[] = [];
      for (const [name, token] of Object.entries(doors)) {
        const headers = { authorization: `Bearer ${token}` };
        const { status } = await app.request(path.replace(/:\w+/g, 'a'), { method, headers });
        if (status !== 401) opening.push(name);
      }
      const mine = agreements.find((agreement) => path.startsWith(`${agreement.path}/`) || path === agreement.path);
      expect([route, opening]).toEqual([route, [mine?.name ?? 'operator']]);
    }
  });
});

/** Texts that mean something to SQL, to a path, to JSON or to a terminal. */
const HOSTILE = [
  `'; drop table shop; --`,
  `a' or '1'='1`,
  '") or 1=1 --',
  '$1',
  '%27%20or%201=1',
  '../../healthz',
  '\u0000',
  '\u001b[2J',
  '__proto__',
  '9'.repeat(400),
];

describe('hostile text', () => {
  test('in a path, a query or a header of the publisher is refused or is just a text', async () => {
    const { call, register, admin, errors } = await publisher();
    await register('a');
    for (const text of HOSTILE) {
      const encoded = encodeURIComponent(text);
      for (const path of [
        `/shops/${encoded}`,
        `/shops?after=${encoded}`,
        `/shops?limit=${encoded}`,
        `/shops/a?version=${encoded}`,
        `/shops/a?at=${encoded}`,
        `/shops/a/events?after=${encoded}`,
      ])
        expect((await call('GET', path)).status, path).toBeLessThan(500);
      const key = { 'idempotency-key': encoded, 'if-match': `"${encoded}"` };
      expect([400, 422]).toContain((await call('PATCH', '/shops/a', { name: text.slice(0, 100) }, key)).status);
      expect((await call('PATCH', '/shops/a', { name: text.slice(0, 100) })).status).toBeLessThan(500);
    }
    expect(errors).toEqual([]);
    const { rows } = await admin.query(`select id, state->>'name' as name from shop`);
    expect(rows).toEqual([{ id: 'a', name: '9'.repeat(100) }]);
  });

  test.each(parts.map((part) => [part.consumer.agreement.name, part] as const))(
    'in a query of %s finds nothing of what is there, and breaks nothing',
    async (_, part) => {
      const store = openSqliteViewStore<unknown>(':memory:', part.indexes);
      onTestFinished(() => store.close());
      const { agreement, project } = part.consumer;
      const view = project(exampleOf(agreedShop(agreement, 'everything')), 'the-only-shop');
      await store.write([{ id: 'the-only-shop', version: 7, view }]);
      const app = new Hono().mount('/', part.queryApi(store).fetch);
      const ask = async (path: string) => {
        const response = await app.request(path);
        expect(response.status, path).toBeLessThan(500);
        return response.text();
      };
      for (const query of part.queries) {
        const path = query.replace(/^GET ([^?]+).*$/, '$1');
        // What asks for it in plain words finds it.
        expect(await ask(path.replace(/\{\w+\}/, 'the-only-shop'))).toContain('the-only-shop');
        const names = [...query.matchAll(/(\w+)=/g)].map(([, name = '']) => name);
        for (const text of HOSTILE.map(encodeURIComponent)) {
          const hostile = path.includes('{')
            ? [path.replace(/\{\w+\}/, text)]
            : names.map((n) => `${path}?${n}=${text}`);
          for (const each of hostile) expect(await ask(each), each).not.toContain('the-only-shop');
        }
      }
      expect(await store.scan('', 10)).toMatchObject([{ id: 'the-only-shop', version: 7 }]);
    },
  );
});

test.each([
  ['POST', '/shops', { ...aShop, version: 9 }],
  ['POST', '/shops', { ...aShop, owner: { id: 'kim', name: 'Kim', publicName: 'K' } }],
  ['POST', '/shops', { ...aShop, closed: true }],
  ['PATCH', '/shops/a', { name: 'x', openness: 'paused' }],
  ['PATCH', '/shops/a', { name: 'x', id: 'b' }],
  ['PATCH', '/shops/a/menu/item_soup', { price: 1, id: 'other' }],
  ['PUT', '/owners/kim', { name: 'Kim', publicName: 'K', version: 9 }],
])('a field that a command does not know is refused and not ignored: %s %s %j', async (method, path, body) => {
  const { call, register, pool } = await publisher();
  await register('a');
  expect((await call(method, path, body)).status).toBe(422);
  expect((await pool.query('select from shop_events')).rowCount).toBe(1);
});

test('every answer of the publisher tells a browser to guess nothing and to show it inside no other site', async () => {
  const { call, pool } = await publisher();
  const answers = [
    await call('GET', '/healthz'),
    await call('GET', '/shops'),
    await call('GET', '/shops', undefined, { authorization: 'Bearer wrong' }),
    await call('GET', '/display/shops', undefined, { authorization: 'Bearer wrong' }),
    await call('GET', '/nowhere'),
    await call('POST', '/shops', 'x'.repeat(2_000_000)),
  ];
  pool.query = (() => Promise.reject(new Error('broken'))) as unknown as typeof pool.query;
  answers.push(await call('GET', '/shops'));
  expect(answers.map(({ status }) => status)).toEqual([200, 200, 401, 401, 404, 413, 500]);
  for (const { headers } of answers) {
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(headers.get('strict-transport-security')).toMatch(/^max-age=\d+/);
    expect(headers.get('x-powered-by')).toBeNull();
    expect(headers.get('access-control-allow-origin')).toBeNull();
  }
});

test('a body that does not say how long it is is read no further than it may be long', async () => {
  const { app } = await publisher();
  const listening = await listen(app, 0, '127.0.0.1', systemClock);
  onTestFinished(() => listening.close());
  let sent = 0;
  const body = new ReadableStream({
    pull(controller) {
      if (sent++ < 1_000) controller.enqueue(new Uint8Array(65_536).fill(0x20));
      else controller.close();
    },
  });
  const headers = { ...asOperator, 'content-type': 'application/json' };
  const init = { method: 'POST', headers, body, duplex: 'half' } as RequestInit;
  const answer = await fetch(`http://127.0.0.1:${listening.port}/shops`, init).then(
    ({ status }) => status,
    () => 'hung up',
  );
  expect([413, 'hung up']).toContain(answer);
  expect(sent).toBeLessThan(1_000);
});

test('a consumer goes where its configuration says, and takes its token nowhere else', async () => {
  const elsewhere = await httpServer((_, response) =>
    json(response, 200, { id: 'a', version: 1, resource: { name: 'A' } }),
  );
  for (const status of [301, 302, 303, 307, 308]) {
    const source = await httpServer((_, response) => json(response, status, {}, { location: `${elsewhere.url}/x` }));
    const client = smallClient(source.url);
    const never = new AbortController().signal;
    const look = client.look([{ id: 'a' }, { id: '//evil.example/b' }], never);
    await expect(look).rejects.toMatchObject({ kind: 'foreign-answer', status });
    await expect(client.page('', never)).rejects.toThrow();
    expect(source.seen.every(({ url }) => url.startsWith('/small/shops'))).toBe(true);
  }
  expect(elsewhere.seen).toEqual([]);
});
