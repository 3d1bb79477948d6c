import { expect, test } from 'vitest';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import type { OpenHttp } from '../../consumers/runtime/source/http-port.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { sourceRoutes } from '../../publisher/source-api/routes.ts';
import { products } from '../support/outbox.ts';

const rows = [
  { id: 'a', version: 1, state: { name: 'A', price: 1 } },
  { id: 'b', version: '2', state: { name: 'B', price: 2 } },
  { id: 'c', version: 'two', state: { name: 'C', price: 3 } },
  { id: 'd', version: 0, state: { name: 'D', price: 4 } },
  { id: 'tea pot', version: 1, state: { name: 'T', price: 5 } },
  { id: 'x', version: 9_007_199_254_740_993n, state: { name: 'X', price: 6 } },
];

function byRows(more: object = {}) {
  const faults: string[] = [];
  const routes = sourceRoutes(products, {
    read: async (ids: readonly string[]) => rows.filter(({ id }) => ids.includes(id)),
    readPage: async (after: string, limit: number) => rows.filter(({ id }) => id > after).slice(0, limit),
    tokens: null,
    onFault: ({ message }: Error) => void faults.push(message),
    ...more,
  } as never);
  const get = async (path: string, body?: unknown) => {
    const init = { method: 'POST', body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const response = await routes.request(`/shelf/products${path}`, body === undefined ? {} : init);
    return { status: response.status, body: (await response.json()) as never };
  };
  const http: OpenHttp = () => ({
    async send({ method, path, headers, body }) {
      const response = await routes.request(path, { method, headers, body });
      return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() };
    },
    close: async () => {},
  });
  const client = createSourceClient(products, { url: 'http://source.example', clock: systemClock, http });
  return { get, faults, client };
}

test('a version may be a text, and a bad row harms itself only and is named', async () => {
  const { get, faults } = byRows();
  expect(await get('/b')).toMatchObject({ status: 200, body: { version: 2 } });
  const { body } = await get('/batch', { resources: ['a', 'b', 'c', 'd', 'x'].map((id) => ({ id, minVersion: 1 })) });
  expect(body).toMatchObject({
    resources: [
      { status: 200 },
      { status: 200 },
      { status: 500, id: 'c' },
      { status: 500, id: 'd' },
      { status: 500, id: 'x' },
    ],
  });
  expect(faults).toEqual([
    expect.stringContaining('products: read returned the version "two" for c'),
    expect.stringContaining('read returned the version 0 for d'),
    expect.stringContaining('for x'),
  ]);
});

test('a page with a bad id shows the others and goes on behind it', async () => {
  const { get, faults } = byRows();
  expect((await get('?limit=5')).body).toMatchObject({
    next: 'x',
    resources: ['a', 'b', 'c', 'd', 'x'].map((id) => ({ id })),
  });
  expect(faults).toContainEqual(expect.stringContaining('readPage returned the id "tea pot"'));
  expect((await get('/digests', { prefixes: [''] })).status).toBe(200);
});

test.each([
  ['ignores `after`', async () => rows.slice(0, 2)],
  ['takes >= for >', async (after: string) => rows.filter(({ id }) => id >= after).slice(0, 2)],
  ['is in another order', async (after: string) => (after === '' ? [rows[1], rows[0]] : [])],
])('a page that %s is a fault told in words, never an endless loop', async (_, readPage) => {
  const { get, faults } = byRows({ readPage });
  for (const [path, body] of [
    ['', undefined],
    ['?after=a', undefined],
    ['/digests', { prefixes: [''] }],
  ] as const)
    if ((await get(path, body)).status === 500) break;
  expect(faults.at(-1)).toMatch(/readPage after .* returned .*return ids above `after`, in the order of their bytes/);
});

test('a resource that is wider than its agreement is named with its field, on both sides, alone and among others', async () => {
  const state = { name: 'A', price: '5 won' };
  const read = async (ids: readonly string[]) =>
    ids.map((id) => ({ id, version: 1, state: id === 'good' ? { name: 'G', price: 1 } : state }));
  const { client, faults } = byRows({ read });
  const signal = new AbortController().signal;
  const failed = {
    kind: 'failed',
    reason: 'the source can not show this resource: price: Invalid input: expected number, received string',
  };
  expect(await client.look([{ id: 'bad' }], signal)).toEqual([failed]);
  expect(await client.look([{ id: 'bad' }, { id: 'good' }], signal)).toMatchObject([failed, { kind: 'found' }]);
  expect(faults).toEqual(
    Array(2).fill('products@1, resource bad: price: Invalid input: expected number, received string'),
  );
  // A value of the resource leaves in no message.
  expect(JSON.stringify(failed)).not.toContain('5 won');
});
