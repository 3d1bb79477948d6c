import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { expect, onTestFinished, test } from 'vitest';
import { displayPart } from '../../consumers/display/part.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { openDynamoViewStore } from '../../consumers/stores/dynamodb/store.ts';
import { tableOf } from '../../consumers/stores/dynamodb/table.ts';
import { examples } from '../../contracts/documents/shops/examples.ts';
import { capacityProxy } from '../support/capacity-proxy.ts';
import { createTable, endpoint } from '../support/dynamodb.ts';
import { processes } from '../support/processes.ts';
import { aShop, asOperator } from '../support/publisher.ts';
import { until } from '../support/wait.ts';

const url = process.env.DOORBELL_TEST_DYNAMODB ?? 'no DynamoDB: npm run test:real starts one';

type Card = Parameters<typeof displayPart.consumer.project>[0];
const { indexes } = displayPart;
const card = displayPart.consumer.project(examples.displayShop as Card, 'a');

/** A store of the display consumer's views in a table of its own, and what its calls cost. */
async function storeOfCards() {
  const table = await createTable(url, indexes);
  const { url: counted, take } = await capacityProxy(url);
  const store = openDynamoViewStore<typeof card>({ table, indexes, client: endpoint(counted), clock: systemClock });
  onTestFinished(store.close);
  return { store, table, take };
}

const hundred = (version: number, view: typeof card | null) =>
  Array.from({ length: 100 }, (_, n) => ({ id: `shop_${String(n).padStart(3, '0')}`, version, view }));
const ids = hundred(1, null).map(({ id }) => id);

test('a table is what the store’s own description of it says', async () => {
  const client = new DynamoDBClient(endpoint(url));
  onTestFinished(() => client.destroy());
  const TableName = await createTable(url, indexes);
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const { TimeToLiveDescription } = await client.send(new DescribeTimeToLiveCommand({ TableName }));
  const names = tableOf(indexes).GlobalSecondaryIndexes.map(({ IndexName }) => IndexName);
  expect(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName).toSorted()).toEqual(names.toSorted());
  expect(Table?.BillingModeSummary?.BillingMode).toBe('PAY_PER_REQUEST');
  expect(TimeToLiveDescription).toMatchObject({ AttributeName: 'expiresAt', TimeToLiveStatus: 'ENABLED' });
});

test('a price that changes is written once, into the table and into no index', async () => {
  const { store, take } = await storeOfCards();
  await store.write(hundred(1, card));
  expect(take().PutItem).toEqual({
    calls: 100,
    table: 100,
    indexes: { all_rows: 100, by_province: 100, by_city: 100, by_category: 100 },
  });
  await store.write(hundred(2, { ...card, from: 9_000, openness: 'paused' }));
  expect(take().PutItem).toEqual({ calls: 100, table: 100, indexes: {} });
  await store.write(hundred(3, { ...card, category: '일식' }));
  expect(take().PutItem).toEqual({ calls: 100, table: 100, indexes: { by_category: 200 } });
  await store.write(hundred(4, null));
  expect(take().PutItem).toEqual({
    calls: 100,
    table: 100,
    indexes: { by_province: 100, by_city: 100, by_category: 100 },
  });
});

test('the versions of a hundred shops are one call at half a unit each, and a page of twenty is six', async () => {
  const { store, take } = await storeOfCards();
  await store.write(hundred(1, card));
  take();
  await store.versions(ids);
  expect(take()).toEqual({ BatchGetItem: { calls: 1, table: 50, indexes: {} } });
  await store.read(ids);
  expect(take()).toEqual({ BatchGetItem: { calls: 1, table: 100, indexes: {} } });
  await store.query({}, '', 20);
  expect(take()).toMatchObject({ Query: { calls: 4 }, BatchGetItem: { calls: 1, table: 10 } });
  await store.query({ province: '서울', category: '한식' }, '', 20);
  expect(take()).toMatchObject({ Query: { calls: 2 }, BatchGetItem: { calls: 1, table: 10 } });
});

test('a version refused is paid for and changes nothing', async () => {
  const { store, take } = await storeOfCards();
  await store.write(hundred(2, card));
  take();
  expect(await store.write(hundred(1, card))).toEqual(ids.map(() => false));
  expect(take().PutItem).toMatchObject({ calls: 100, indexes: {} });
});

test('two that write the same shops at once leave the highest version of each', async () => {
  const { store, table } = await storeOfCards();
  const other = openDynamoViewStore<typeof card>({ table, indexes, client: endpoint(url), clock: systemClock });
  onTestFinished(other.close);
  const versions = [3, 1, 4, 2, 6, 5];
  const written = await Promise.all(
    versions.map((version, n) => (n % 2 === 0 ? store : other).write(hundred(version, { ...card, from: version }))),
  );
  expect((await store.read(ids)).map(({ version, view }) => [version, view?.from])).toEqual(ids.map(() => [6, 6]));
  expect(written[4]).toEqual(ids.map(() => true));
});

test('the largest item that DynamoDB takes is the largest that the store takes', async () => {
  const { store } = await storeOfCards();
  const sized = (length: number) => ({ id: 'a', version: 1, view: { ...card, words: 'x'.repeat(length) } });
  const spare = (length: number) => 409_600 - Number(/has (\d+) bytes/.exec(store.refusal?.(sized(length)) ?? '')?.[1]);
  const largest = 420_000 + spare(420_000);
  expect(store.refusal?.(sized(largest))).toBeNull();
  expect(await store.write([sized(largest)])).toEqual([true]);
  expect(store.refusal?.(sized(largest + 1))).toContain('409601 bytes');
});

test('what is more than one answer can hold comes in several', async () => {
  const { store, take } = await storeOfCards();
  const large = hundred(1, { ...card, words: 'x'.repeat(250_000) });
  await store.write(large);
  take();
  expect(await store.read(ids)).toHaveLength(100);
  expect(take().BatchGetItem?.calls).toBeGreaterThan(1);
  expect(new Set((await store.scanVersions('', 100)).map(({ id }) => id)).size).toBe(100);
  expect(take().Scan?.calls).toBeGreaterThanOrEqual(20);
});

test('a consumer told of a table keeps its views there', async () => {
  const DOORBELL_VIEWS = `dynamodb:${await createTable(url, indexes)}`;
  const { publisherUrl, display, displayUrl } = await processes({
    consumer: { DOORBELL_VIEWS, AWS_ENDPOINT_URL_DYNAMODB: url },
  });
  const headers = { ...asOperator, 'content-type': 'application/json' };
  const registered = await fetch(`${publisherUrl}/shops`, {
    method: 'POST',
    headers,
    body: JSON.stringify({ ...aShop, id: 'a' }),
  });
  expect(registered.status).toBe(201);
  const list = async () => (await (await fetch(`${displayUrl}/shops?category=${aShop.category}`)).json()) as object;
  await until(async () => JSON.stringify(await list()).includes('"id":"a","version":1'));
  const closed = await fetch(`${publisherUrl}/shops/a/close`, { method: 'POST', headers, body: '{}' });
  expect(closed.ok).toBe(true);
  await until(async () => (await fetch(`${displayUrl}/shops/a`)).status === 410);
  expect(await list()).toEqual({ shops: [], next: null });
  display.child.kill('SIGTERM');
  expect(await display.ended).toMatchObject({ code: 0, stderr: '' });
});
