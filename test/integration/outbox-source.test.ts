import { createServer } from 'node:http';
import { getRequestListener } from '@hono/node-server';
import { expect, onTestFinished, test } from 'vitest';
import type * as z from 'zod/mini';
import { createOutbox, pgSnapshot, resourceLog, ring } from '../../publisher/outbox/outbox.ts';
import { transaction } from '../../publisher/postgres/transaction.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import type { ReadStates, Source } from '../../publisher/source-api/source.ts';
import { products, teamDatabase } from '../support/outbox.ts';

type Product = { id: string; name: string; price: number };
/** What the tests read of any answer. */
type Body = {
  version: number;
  resource: { price: number };
  resources: { id: string }[];
  next: string | null;
  digests: { resources: unknown[] }[];
};
type Asked = { query: (text: string, values: unknown[]) => PromiseLike<{ rows: unknown[] } | unknown[]> };

/** What a team writes: states by id, asked in the transaction it is given. */
const read: ReadStates<Product, Asked> = async (ids, tx) => {
  const result = await tx.query('select sku as id, name, price from product where sku = any($1)', [ids]);
  return (Array.isArray(result) ? result : result.rows) as Product[];
};

async function shelf(more: Partial<Source<Product, Product>> = {}) {
  const { admin, service } = await teamDatabase();
  const faults: string[] = [];
  const outbox = createOutbox({ pool: service });
  const source = {
    log: outbox,
    read,
    tokens: null,
    onFault: ({ message }: Error) => void faults.push(message),
    ...more,
  };
  const routes = sourceRoutes(products, source as Source<Product, z.output<typeof products.resource>>);
  const get = async (path: string, init?: RequestInit) => {
    const response = await routes.request(`/shelf/products${path}`, init);
    return { status: response.status, body: (await response.json()) as never as Body };
  };
  const post = (path: string, body: unknown) =>
    get(path, { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } });
  const put = (id: string, price: number) =>
    transaction(service, async (tx) => {
      await tx.query('insert into product values ($1, $1, $2) on conflict (sku) do update set price = $2', [id, price]);
      await ring(tx, { id, type: 'product.changed' });
    });
  return { admin, service, routes, get, post, put, faults };
}

test('one, many, pages and digests come from the outbox, content from the service', async () => {
  const { service, get, post, put } = await shelf();
  for (const id of ['a', 'b', 'c']) await put(id, 1);
  await put('a', 7);
  await transaction(service, async (tx) => {
    await tx.query(`delete from product where sku = 'b'`, []);
    await ring(tx, { id: 'b', type: 'product.removed', gone: true });
  });
  expect(await get('/a')).toEqual({ status: 200, body: { id: 'a', version: 2, resource: { name: 'a', price: 7 } } });
  expect(await get('/b')).toMatchObject({ status: 410, body: { code: 'resource-gone', version: 2 } });
  expect((await get('/nope')).status).toBe(404);
  const { body } = await post('/batch', {
    resources: [{ id: 'a', have: 2 }, { id: 'c', minVersion: 9 }, { id: 'nope' }],
  });
  expect(body.resources).toEqual([
    { status: 304, id: 'a', version: 2 },
    { status: 503, id: 'c', version: 1 },
    { status: 404, id: 'nope' },
  ]);
  const page = (await get('?limit=2')).body;
  expect(page).toMatchObject({
    next: 'b',
    resources: [
      { id: 'a', status: 200 },
      { id: 'b', status: 410, version: 2 },
    ],
  });
  expect((await get('?after=b')).body).toMatchObject({ next: null, resources: [{ id: 'c' }] });
  expect((await post('/digests', { prefixes: [''] })).body.digests[0]?.resources).toEqual([
    { id: 'a', version: 2 },
    { id: 'b', version: 2 },
    { id: 'c', version: 1 },
  ]);
});

test('an outbox of two kinds shows each agreement its own', async () => {
  const { service, routes: all, put } = await shelf();
  for (const id of ['order:1', 'product:1', 'product:2', 'products']) await put(id, 1);
  const routes = sourceRoutes(products, {
    log: createOutbox({ pool: service, prefix: 'product:' }),
    read,
    tokens: null,
  });
  const ids = async (app: typeof all) =>
    ((await (await app.request('/shelf/products')).json()) as { resources: { id: string }[] }).resources.map(
      ({ id }) => id,
    );
  expect(await ids(all)).toEqual(['order:1', 'product:1', 'product:2', 'products']);
  expect(await ids(routes)).toEqual(['product:1', 'product:2']);
  expect((await routes.request('/shelf/products/order:1')).status).toBe(404);
  expect(() => createOutbox({ pool: service, prefix: `x'; drop` })).toThrow(TypeError);
});

/** Changes a product all the time, with its version as its price, while `look` runs; returns what did not belong together. */
async function mismatches(
  put: (id: string, price: number) => Promise<void>,
  get: (path: string) => Promise<{ body: Body }>,
) {
  await put('a', 1);
  let isOver = false;
  const writing = (async () => {
    for (let price = 2; !isOver; price++) await put('a', price);
  })();
  const wrong: string[] = [];
  for (let n = 0; n < 300; n++) {
    const { version, resource } = (await get('/a')).body;
    if (version !== resource.price) wrong.push(`v${version} with ${resource.price}`);
  }
  isOver = true;
  await writing;
  return wrong;
}

test('version and content belong together while the resource changes', async () => {
  const { put, get } = await shelf();
  expect(await mismatches(put, get)).toEqual([]);
});

test('a read in two statements without a snapshot is caught by the same check', async () => {
  const { service, put } = await shelf();
  const torn = resourceLog<Asked>({ snapshot: (work) => work(service, (text, values) => service.query(text, values)) });
  const app = sourceRoutes(products, { log: torn, read, tokens: null });
  const get = async (path: string) => ({ body: (await (await app.request(`/shelf/products${path}`)).json()) as Body });
  expect((await mismatches(put, get)).length).toBeGreaterThan(0);
});

test('a session that broke is not lent again', async () => {
  const { admin, service } = await teamDatabase();
  const snapshot = pgSnapshot(service);
  const pids: unknown[] = [];
  await expect(
    snapshot(async (client) => {
      const { rows } = (await client.query('select pg_backend_pid() as pid', [])) as { rows: { pid: number }[] };
      pids.push(rows[0]?.pid);
      await admin.query('select pg_terminate_backend($1)', [rows[0]?.pid]);
      await client.query('select 1', []);
    }),
  ).rejects.toThrow();
  expect(await snapshot(async () => 'well')).toBe('well');
  expect(pids).toHaveLength(1);
});

test('a body that express.json() has parsed is taken', async () => {
  const { put, routes } = await shelf();
  await put('a', 1);
  const listener = getRequestListener((request, env) => routes.fetch(request, env));
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString();
    Object.assign(req, { body: req.url?.endsWith('raw') ? text : JSON.parse(text) });
    if (req.url?.endsWith('raw')) req.url = req.url.slice(0, -3);
    void listener(req, res);
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as { port: number };
  for (const end of ['', 'raw']) {
    const response = await fetch(`http://127.0.0.1:${port}/shelf/products/batch${end}`, {
      method: 'POST',
      body: JSON.stringify({ resources: [{ id: 'a' }] }),
      headers: { 'content-type': 'application/json' },
    });
    expect(await response.json()).toMatchObject({ resources: [{ id: 'a', status: 200 }] });
  }
});

test('what a log source reads is typed by the agreement and the log', async () => {
  const { service } = await teamDatabase();
  const log = createOutbox({ pool: service });
  const typed = [
    sourceRoutes(products, { log, read: async (ids) => ids.map((id) => ({ id, name: id, price: 1 })), tokens: null }),
    // The transaction is that of the log.
    sourceRoutes(products, {
      log,
      read: async (ids, tx) => ids.map((id) => [id, { name: `${tx}`, price: 1 }]),
      tokens: null,
    }),
    // @ts-expect-error a price is a number
    sourceRoutes(products, {
      log,
      read: async (ids) => ids.map((id) => ({ id, name: id, price: 'much' })),
      tokens: null,
    }),
    // @ts-expect-error a client has no such method
    sourceRoutes(products, { log, read: async (_, tx) => tx.execute(), tokens: null }),
  ];
  expect(typed).toHaveLength(4);
});
