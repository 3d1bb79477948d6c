import { describe, expect, test } from 'vitest';
import { publisherDocument } from '../../contracts/documents/shops/openapi-publisher.ts';
import { answersOf, heldAgainst, operationsOf, routesOf } from '../support/conformance.ts';
import { aShop, callOn, operatorToken, publisher, tokens } from '../support/publisher.ts';

const document = publisherDocument();

/** The publisher's real app, each of whose answers is held against its document. */
async function heldPublisher() {
  let isBusy = false;
  const service = await publisher({ limit: () => !isBusy });
  const beBusy = (busy: boolean) => {
    isBusy = busy;
  };
  const held = heldAgainst(service.app, document);
  return { ...service, ...held, beBusy, call: callOn(held.app) };
}
type World = Awaited<ReturnType<typeof heldPublisher>>;

const of = (name: string) => ({ authorization: `Bearer ${tokens[name]}` });

async function everyCommand({ call }: World): Promise<void> {
  await call('POST', '/shops', { ...aShop, id: 'a' });
  await call('POST', '/shops', { ...aShop, place: { latitude: 37.5, longitude: 127 }, delivery: true });
  await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'Min-ji' });
  await call('PUT', '/shops/a/owner', { ownerId: 'kim' });
  await call('PUT', '/owners/kim', { name: 'Kim Min-ji', publicName: 'MJ' });
  await call('PATCH', '/shops/a', { name: '새집', delivery: true });
  await call('PUT', '/shops/a/hours', { hours: '24시간' });
  await call('POST', '/shops/a/pause');
  await call('POST', '/shops/a/open');
  await call('POST', '/shops/a/menu', { id: 'tea', name: '차', priceNote: '시가' });
  await call('PATCH', '/shops/a/menu/item_soup', { name: '된장찌개', price: 7000 });
  await call('DELETE', '/shops/a/menu/tea');
  await call('POST', '/shops/a/rollback', { toVersion: 3 }, { 'idempotency-key': 'back' });
  await call('POST', '/shops/b/close');
  await call('POST', '/shops', { ...aShop, id: 'b' });
  await call('POST', '/shops/b/close');
  await call('POST', '/shops', { ...aShop, id: 'b' });
  await call('POST', '/shops/b/close');
}

const shopCommands: [method: string, path: string, body?: unknown][] = [
  ['PATCH', '', { name: '새집' }],
  ['PUT', '/hours', { hours: null }],
  ['POST', '/open'],
  ['POST', '/pause'],
  ['POST', '/close'],
  ['POST', '/menu', { name: '차' }],
  ['PATCH', '/menu/item_soup', { price: 1 }],
  ['DELETE', '/menu/item_soup'],
  ['PUT', '/owner', { ownerId: null }],
  ['POST', '/rollback', { toVersion: 1 }],
];
const elsewhere: typeof shopCommands = [
  ['POST', '/shops', aShop],
  ['PUT', '/owners/kim', { name: 'Kim', publicName: 'K' }],
];

/** What every command may be refused by, whatever it is about. */
async function refusedByForm({ call }: World, method: string, path: string, body?: unknown): Promise<void> {
  await call(method, path, body, { 'if-match': 'nineteen' });
  await call(method, path, body, { 'if-match': '"99"' });
  await call(method, path, body, { 'idempotency-key': 'with blanks' });
  await call(method, path, body, { 'idempotency-key': 'back' });
  await call(method, path, 'x'.repeat(2_000_000));
  if (body === undefined) return;
  await call(method, path, '{"');
  await call(method, path, { nonsense: true });
  await call(method, path, '{}', { 'content-type': 'text/plain' });
}

async function refusedCommands(world: World): Promise<void> {
  const { call } = world;
  for (const [method, path, body] of elsewhere) await refusedByForm(world, method, path, body);
  for (const [method, path, body] of shopCommands) {
    await refusedByForm(world, method, `/shops/a${path}`, body);
    await call(method, `/shops/nobody${path}`, body);
    await call(method, `/shops/b${path}`, body);
  }
  await call('POST', '/shops', { ...aShop, id: 'a' });
  await call('POST', '/shops', {
    ...aShop,
    menu: [
      { id: 'x', name: '차' },
      { id: 'x', name: '차' },
    ],
  });
  await call('POST', '/shops', { ...aShop, ownerId: 'nobody' });
  await call('PUT', '/shops/c/owner', { ownerId: 'nobody' });
  await call('POST', '/shops/c/menu', { id: 'item_soup', name: '차' });
  await call('PATCH', '/shops/c/menu/nothing', { price: 1 });
  await call('DELETE', '/shops/c/menu/nothing');
  await call('POST', '/shops/c/rollback', { toVersion: 99 });
  const menu = Array.from({ length: 200 }, (_, n) => ({ id: `item_${n}`, name: '차' }));
  await call('POST', '/shops', { ...aShop, id: 'full', menu });
  await call('POST', '/shops/full/menu', { name: '차' });
}

async function reads({ call }: World): Promise<void> {
  await call('GET', '/shops?limit=1');
  await call('GET', '/shops?after=a&limit=0');
  await call('GET', '/shops/a');
  await call('GET', '/shops/a', undefined, { 'if-none-match': '*' });
  await call('GET', '/shops/a?version=1');
  await call('GET', '/shops/a?at=2999-01-01T00:00:00Z');
  await call('GET', '/shops/a?version=1&at=2999-01-01T00:00:00Z');
  await call('GET', '/shops/a?version=99');
  await call('GET', '/shops/a?version=x');
  await call('GET', '/shops/nobody');
  await call('GET', '/shops/a/events?limit=500');
  await call('GET', '/shops/b/events?limit=500');
  await call('GET', '/shops/a/events?after=-1');
  await call('GET', '/shops/nobody/events');
  await call('GET', '/healthz');
  await call('GET', '/problems/behind');
  await call('GET', '/problems/nothing');
  await call('GET', '/openapi.json');
}

async function looks({ call }: World, name: string): Promise<void> {
  const path = `/${name}/shops`;
  const token = of(name);
  const shops = [{ id: 'a' }, { id: 'a', have: 1 }, { id: 'b' }, { id: 'a', minVersion: 99 }, { id: 'nobody' }];
  for (const each of [`${path}/a`, path]) await call('GET', each);
  await call('POST', `${path}/batch`, { resources: shops });
  const { headers } = await call('GET', `${path}/a`, undefined, token);
  await call('GET', `${path}/a`, undefined, { ...token, 'if-none-match': headers.get('etag') ?? '' });
  await call('GET', `${path}/a`, undefined, { ...token, 'min-version': '99' });
  await call('GET', `${path}/a`, undefined, { ...token, 'min-version': 'x' });
  await call('GET', `${path}/b`, undefined, token);
  await call('GET', `${path}/nobody`, undefined, token);
  await call('POST', `${path}/batch`, { resources: shops }, token);
  await call('POST', `${path}/batch`, { resources: [] }, token);
  await call('POST', `${path}/batch`, '{"', token);
  await call('POST', `${path}/batch`, '{}', { ...token, 'content-type': 'text/plain' });
  await call('POST', `${path}/batch`, 'x'.repeat(2_000_000), token);
  await call('POST', `${path}/digests`, { prefixes: ['', '00'] }, token);
  await call('POST', `${path}/digests`, { prefixes: [] }, token);
  await call('POST', `${path}/digests`, '{"', token);
  await call('POST', `${path}/digests`, '{}', { ...token, 'content-type': 'text/plain' });
  await call('POST', `${path}/digests`, 'x'.repeat(2_000_000), token);
  const { body } = await call('POST', `${path}/changes`, {}, token);
  await call('POST', `${path}/changes`, { after: body.next }, token);
  await call('POST', `${path}/changes`, { after: 'of-another-log' }, token);
  await call('POST', `${path}/changes`, { wait: -1 }, token);
  await call('POST', `${path}/changes`, '{"', token);
  await call('POST', `${path}/changes`, '{}', { ...token, 'content-type': 'text/plain' });
  await call('POST', `${path}/changes`, 'x'.repeat(2_000_000), token);
  await call('GET', `${path}?limit=2`, undefined, token);
  await call('GET', `${path}?limit=0`, undefined, token);
}

/** Everything again, on a database that answers with an error; only its code tells which. */
async function withDatabaseThat(world: World, error: Error): Promise<void> {
  const { pool } = world;
  pool.connect = (() => Promise.reject(error)) as typeof pool.connect;
  pool.query = (() => Promise.reject(error)) as unknown as typeof pool.query;
  for (const [method, path, body] of shopCommands) await world.call(method, `/shops/a${path}`, body);
  for (const [method, path, body] of elsewhere) await world.call(method, path, body);
  for (const path of ['/shops', '/shops/a', '/shops/a/events', '/healthz']) await world.call('GET', path);
  for (const name of Object.keys(tokens)) {
    await world.call('GET', `/${name}/shops`, undefined, of(name));
    await world.call('GET', `/${name}/shops/a`, undefined, of(name));
    await world.call('POST', `/${name}/shops/batch`, { resources: [{ id: 'a' }] }, of(name));
    await world.call('POST', `/${name}/shops/digests`, { prefixes: [''] }, of(name));
    await world.call('POST', `/${name}/shops/changes`, {}, of(name));
  }
}

/** Everything again, by somebody without a token, and by somebody who asks too often. */
async function uninvited({ call, beBusy }: World): Promise<void> {
  const nobody = { authorization: 'Bearer nobody' };
  for (const busy of [false, true]) {
    beBusy(busy);
    for (const [method, path, body] of shopCommands) await call(method, `/shops/a${path}`, body, nobody);
    for (const [method, path, body] of elsewhere) await call(method, path, body, nobody);
    for (const path of ['/shops', '/shops/a', '/shops/a/events', '/metrics'])
      await call('GET', path, undefined, nobody);
    for (const name of Object.keys(tokens)) {
      for (const path of ['', '/a']) await call('GET', `/${name}/shops${path}`, undefined, nobody);
      for (const path of ['/batch', '/digests', '/changes']) await call('POST', `/${name}/shops${path}`, {}, nobody);
    }
  }
  beBusy(false);
}

describe('the publisher and its OpenAPI document', () => {
  test('name the same operations', async () => {
    const { app } = await publisher();
    expect(routesOf(app)).toEqual(operationsOf(document));
  });

  test('agree on every answer, and every documented answer really happens', async () => {
    const world = await heldPublisher();
    await everyCommand(world);
    await world.call('POST', '/shops', { ...aShop, id: 'c' });
    await refusedCommands(world);
    await reads(world);
    await world.call('POST', '/shops/b/close');
    for (const name of Object.keys(tokens)) await looks(world, name);
    await world.app.request('/docs');
    await world.app.request('/metrics', { headers: { authorization: `Bearer ${operatorToken}` } });
    await uninvited(world);
    await withDatabaseThat(world, Object.assign(new Error('away'), { code: 'ECONNREFUSED' }));
    await withDatabaseThat(world, new Error('broken'));
    expect(world.faults).toEqual([]);
    const unseen = answersOf(document).filter((answer) => !world.seen.has(answer));
    // Events of shops are never removed; test/integration/feed.test.ts shows the answer of a log that is.
    expect(unseen.filter((answer) => !answer.endsWith(' feed-expired'))).toEqual([]);
  });
});
