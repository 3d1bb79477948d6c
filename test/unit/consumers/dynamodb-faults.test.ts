import type { ServerResponse } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { openDynamoViewStore } from '../../../consumers/stores/dynamodb/store.ts';
import { type Call, dynamoServer, type Misbehaviour, refuse } from '../../support/dynamo-server.ts';
import { endpoint } from '../../support/dynamodb.ts';
import { json } from '../../support/http-server.ts';
import { hurriedClock } from '../../support/hurried-clock.ts';

type View = { name: string };
type Items = Parameters<NonNullable<Parameters<typeof dynamoServer>[0]>>[1];

const indexes = { name: 'name' };
const row = (id: string, version: number, name: string | null = id) => ({
  id,
  version,
  view: name === null ? null : { name },
});
const ids = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).toSorted();

/** A store over a DynamoDB that misbehaves. */
async function staged(misbehave?: (call: Call, items: Items) => Misbehaviour | undefined, page?: number) {
  const clock = hurriedClock();
  const server = await dynamoServer(misbehave, page);
  const store = openDynamoViewStore<View>({ table: 'views', indexes, client: endpoint(server.url), clock });
  onTestFinished(store.close);
  return { store, clock, ...server };
}

const hangUp = (response: ServerResponse) => void response.destroy();
const throttled = refuse(
  400,
  'ProvisionedThroughputExceededException',
  'The level of configured throughput was exceeded',
);

test('makes no call before it is asked for something', async () => {
  const { store, calls } = await staged();
  expect([await store.versions([]), await store.read([]), await store.write([]), calls]).toEqual([
    new Map(),
    [],
    [],
    [],
  ]);
});

test('keys that DynamoDB leaves unprocessed are asked for again', async () => {
  const { store, calls } = await staged(({ action, input, n }) => {
    const keys = input.RequestItems?.views?.Keys ?? [];
    if (action !== 'BatchGetItem' || keys.length < 2) return undefined;
    const left = { views: { Keys: keys.slice(n % 2 === 0 ? 0 : 1) } };
    const found = n % 2 === 0 ? [] : keys.slice(0, 1).map(({ id }) => ({ id, version: { N: '7' } }));
    return { before: (response) => json(response, 200, { Responses: { views: found }, UnprocessedKeys: left }) };
  });
  await store.write([row('c', 7)]);
  expect(await store.versions(['a', 'b', 'c'])).toEqual(new Map(Object.entries({ a: 7, b: 7, c: 7 })));
  expect(calls.filter(({ action }) => action === 'BatchGetItem')).toHaveLength(5);
});

test('more than a hundred resources are read in several calls, each resource once', async () => {
  const { store, calls } = await staged();
  const rows = Array.from({ length: 250 }, (_, n) => row(`s${n}`, n + 1));
  await store.write(rows);
  const found = await store.versions([...ids(rows), ...ids(rows)]);
  expect([found.size, found.get('s249')]).toEqual([250, 250]);
  expect(calls.filter(({ action }) => action === 'BatchGetItem')).toHaveLength(3);
});

test.each(['read', 'write', 'query', 'scanVersions'] as const)(
  'a throttled %s is tried again, later each time',
  async (verb) => {
    const tries = new Map<string, number>();
    const { store, clock } = await staged(({ action }) => {
      const tried = tries.get(action) ?? 0;
      tries.set(action, tried + 1);
      return tried < 4 ? { before: throttled } : undefined;
    });
    const verbs = {
      read: () => store.read(['a']),
      write: () => store.write([row('a', 1)]),
      query: () => store.query({ name: 'a' }, '', 1),
      scanVersions: () => store.scanVersions('', 1),
    };
    await verbs[verb]();
    expect(clock.slept.slice(0, 4)).toEqual([25, 50, 100, 200]);
  },
);

test('a write that stays throttled is given up after five seconds, and says why', async () => {
  const { store, clock } = await staged(() => ({ before: throttled }));
  const start = clock.now();
  await expect(store.write([row('a', 1)])).rejects.toThrow(
    'DynamoDB did not finish within 5000 ms: table views: The level of configured throughput was exceeded',
  );
  expect(clock.now() - start).toBeLessThanOrEqual(6_000);
});

test('what failed as a whole has left what it wrote, and can be written again', async () => {
  const { store, items } = await staged(({ input, n }) =>
    n < 40 && input.Item?.id?.S === 'b' ? { before: throttled } : undefined,
  );
  await expect(store.write([row('a', 1), row('b', 1)])).rejects.toThrow('did not finish');
  expect([...items.keys()]).toEqual(['a']);
  let again: boolean[] = [];
  for (let tries = 0; tries < 5 && again.length === 0; tries++)
    again = await store.write([row('a', 1), row('b', 1)]).catch(() => []);
  expect(again).toEqual([false, true]);
});

test('a row that was written and whose answer was lost is said to be written', async () => {
  const { store, calls } = await staged(({ n }) => (n === 1 ? { after: hangUp } : undefined));
  expect(await store.write([row('a', 1)])).toEqual([true]);
  expect(calls).toHaveLength(2);
});

test('a row that stands in the way of a second try, and is not the same, is somebody else’s', async () => {
  const { store } = await staged(({ input, n }, items) => {
    if (n > 1) return undefined;
    items.set('a', { ...input.Item, view: { S: '{"name":"another"}' } });
    return { before: hangUp };
  });
  expect(await store.write([row('a', 1)])).toEqual([false]);
});

test.each([
  ['ResourceNotFoundException', 'Requested resource not found'],
  ['AccessDeniedException', 'not authorized to perform: dynamodb:PutItem'],
  ['ValidationException', 'The table does not have the specified index: by_name'],
])('a refusal is not asked for again: %s', async (name, message) => {
  const { store, calls } = await staged(() => ({ before: refuse(400, name, message) }));
  await expect(store.query({ name: 'a' }, '', 1)).rejects.toThrow(`table views: ${message}`);
  expect(calls).toHaveLength(1);
});

test.each<[string, (response: ServerResponse) => void]>([
  ['an HTML page', (response) => void response.writeHead(200).end('<html>Sign in</html>')],
  ['half of a document', (response) => void response.writeHead(200).end('{"Responses":{"views":[{')],
  ['500', refuse(500, 'InternalServerError')],
  ['a connection that breaks', hangUp],
])('%s is no answer: DynamoDB is asked again', async (_, before) => {
  const { store, calls } = await staged(({ n }) => (n === 1 ? { before } : undefined));
  expect(await store.write([row('a', 1)])).toEqual([true]);
  expect(calls).toHaveLength(2);
});

test.each([
  ['has no version', { id: { S: 'a' }, view: { S: '{}' } }],
  ['has a version that is no whole number', { id: { S: 'a' }, version: { N: '1.5' } }],
  ['has a version that is a text', { id: { S: 'a' }, version: { S: '1' } }],
])('an item that %s is no row, and nobody takes it for one', async (_, item) => {
  const { store } = await staged((_, items) => void items.set('a', item as never));
  await expect(store.versions(['a'])).rejects.toThrow('no row');
});

test('kept connections that were all cut while nobody called cost one try, not one each', async () => {
  let isFrozen = false;
  const { store, calls } = await staged(({ isFirst }) => (isFrozen && !isFirst ? { before: hangUp } : undefined));
  await store.write(Array.from({ length: 30 }, (_, n) => row(`s${n}`, 1)));
  expect(calls.filter(({ isFirst }) => isFirst).length).toBeGreaterThan(10);
  isFrozen = true;
  expect(await store.versions(['s1'])).toEqual(new Map([['s1', 1]]));
  expect(calls).toHaveLength(32);
});

test('pages that end early, and empty ones, are read to the end', async () => {
  const { store } = await staged(undefined, 1);
  const rows = ['a', 'b', 'c', 'd', 'e'].map((id) => row(id, 1, 'same'));
  await store.write(rows);
  expect(ids(await store.query({ name: 'same' }, '', 10))).toEqual(ids(rows));
  expect(ids(await store.scan('', 10))).toEqual(ids(rows));
  expect(ids(await store.scanVersions('', 10))).toEqual(ids(rows));
});

test('a query that would read too much is refused with a problem, and nobody pays for it', async () => {
  const { store, items } = await staged();
  for (let n = 0; n < 25_000; n++) {
    const id = `s${String(n).padStart(5, '0')}`;
    items.set(id, { id: { S: id }, version: { N: '1' }, shard: { S: String(n % 4) }, view: { S: '{"name":"x"}' } });
  }
  await expect(store.query({ name: { contains: 'y' } }, '', 10)).rejects.toMatchObject({
    problem: { status: 422, code: 'invalid-request', detail: expect.stringContaining('Too many views') },
  });
});

test('a tombstone may go thirty days after it was written, and a living row never', async () => {
  const { store, clock, items } = await staged();
  await store.write([row('a', 1), row('b', 1, null)]);
  expect(items.get('a')?.expiresAt).toBeUndefined();
  expect(items.get('b')?.expiresAt).toEqual({ N: String(Math.floor(clock.now() / 1_000) + 30 * 86_400) });
  await store.write([row('b', 2)]);
  expect(items.get('b')?.expiresAt).toBeUndefined();
});

test('a view of more than 400 KB is refused before anything is written', async () => {
  const { store, calls } = await staged();
  const large = row('b', 1, '가'.repeat(140_000));
  expect(store.refusal?.(row('a', 1))).toBeNull();
  expect(store.refusal?.(large)).toMatch(
    /has 420\d{3} bytes, and DynamoDB takes 409600; let the projection keep less of the resource/,
  );
  await expect(store.write([row('a', 1), large])).rejects.toThrow('resource b: the view is too large');
  expect(calls).toEqual([]);
});

test('closing gives up what waits', async () => {
  const { store, clock } = await staged(() => ({ before: throttled }));
  const { sleep } = clock;
  clock.sleep = async (ms, signal) => {
    store.close();
    await sleep(ms, signal);
  };
  await expect(store.read(['a'])).rejects.toThrow('the store is closed');
});

test('a table that was made again under a worker has no progress, and one that no release wrote has none, either', async () => {
  let items: Items | undefined;
  const { store } = await staged((_, all) => {
    items = all;
    return undefined;
  });
  const { progress } = store;
  await progress.lease('w', 1_000);
  expect(await progress.keep('w', 1_000, 'far')).toBe(true);
  expect(await progress.lease('w', 1_000)).toEqual({ kept: 'far' });
  items?.clear();
  expect(await progress.lease('w', 1_000)).toEqual({ kept: null });
  const [[id, item] = []] = items ?? [];
  items?.set(id as string, { ...item, view: { S: '{"later":true}' } });
  expect(await progress.lease('w', 1_000)).toEqual({ kept: null });
  expect(await progress.keep('w', 1_000, 'again')).toBe(true);
});
