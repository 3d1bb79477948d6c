import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { display } from '../../consumers/display/consumer.ts';
import { type Consumer, defineConsumer } from '../../consumers/runtime/define-consumer.ts';
import { createSourceClient } from '../../consumers/runtime/source/client.ts';
import { createSqsHandler } from '../../consumers/runtime/sqs-handler.ts';
import { systemClock } from '../../consumers/runtime/system.ts';
import { openSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { shopDomain } from '../../contracts/documents/shops/domain.ts';
import { sourceOperations } from '../../contracts/documents/source-operations.ts';
import { displayAgreement } from '../../contracts/shops/agreements/display.ts';
import { Hours, ShopName } from '../../contracts/shops/shop.ts';
import { defineAgreement } from '../../contracts/wire/agreement.ts';
import { topologyOf } from '../../localstack/infrastructure/topology.ts';
import { listen } from '../../publisher/http/listen.ts';
import { defineSource, sources } from '../../publisher/shops/sources/all.ts';
import { publisher, tokens } from '../support/publisher.ts';

/** What display may agree on next: the price comes from the publisher, and the hours have another name. */
const nextAgreement = defineAgreement({
  name: 'display',
  version: 2,
  wakesOn: [...displayAgreement.wakesOn, 'shop.owner-changed'],
  path: '/display/v2/shops',
  resource: z.object({ name: ShopName, openingHours: Hours, cheapest: z.nullable(z.int()) }),
});

const nextSource = defineSource(nextAgreement, ({ name, hours, menu }) => ({
  name,
  openingHours: hours,
  cheapest: menu[0]?.price ?? null,
}));

const nextDisplay = defineConsumer({
  agreement: nextAgreement,
  view: z.object({ title: z.string(), from: z.nullable(z.int()) }),
  project: ({ name, cheapest }) => ({ title: name, from: cheapest }),
});

/** One publisher that serves both versions, on real PostgreSQL and over real HTTP. */
async function world() {
  const service = await publisher({ sources: [...sources, nextSource] });
  const { port, close } = await listen(service.app, 0, '127.0.0.1', systemClock);
  onTestFinished(close);
  return { ...service, of: { authorization: `Bearer ${tokens.display}` }, sourceUrl: `http://127.0.0.1:${port}` };
}

/** A consumer with a store of its own that is handed rings. */
function running<Shop, View>(consumer: Consumer<Shop, View>, sourceUrl: string) {
  const store = openSqliteViewStore<View>(':memory:');
  const source = createSourceClient(consumer.agreement, { url: sourceUrl, token: tokens.display, clock: systemClock });
  onTestFinished(async () => {
    await source.close();
    store.close();
  });
  const queue = { release: async () => [], bury: async () => [] };
  const handle = createSqsHandler({ consumer, queue, source, store, clock: systemClock, observe: () => {} });
  return {
    async ring(...ids: string[]) {
      const Records = ids.map((id) => ({
        messageId: id,
        receiptHandle: id,
        body: JSON.stringify({ id, type: 'shop.details-changed' }),
        attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0' },
        messageAttributes: {},
      }));
      return handle({ Records }, { getRemainingTimeInMillis: () => 15_000 });
    },
    view: async (id: string) => (await store.read([id]))[0],
  };
}

test('two versions of an agreement are served side by side, and each consumer gets its own', async () => {
  const { register, call, sourceUrl } = await world();
  const [now, next] = [running(display, sourceUrl), running(nextDisplay, sourceUrl)];
  await register('a');
  await register('b', { name: '새집' });
  for (const consumer of [now, next]) expect(await consumer.ring('a', 'b')).toEqual({ batchItemFailures: [] });
  expect((await now.view('a'))?.view).toMatchObject({ name: '바보네집', hours: '11:00~21:00', from: 6000 });
  expect(await next.view('a')).toEqual({ id: 'a', version: 1, view: { title: '바보네집', from: 6000 } });
  expect((await next.view('b'))?.view).toEqual({ title: '새집', from: 6000 });

  await call('PATCH', '/shops/a/menu/item_soup', { price: 7000 });
  for (const consumer of [now, next]) await consumer.ring('a');
  expect(await now.view('a')).toMatchObject({ version: 2, view: { from: 7000 } });
  expect(await next.view('a')).toEqual({ id: 'a', version: 2, view: { title: '바보네집', from: 7000 } });
});

test('the entity tag of one version is not good for the other', async () => {
  const { register, call, of } = await world();
  await register('a');
  const first = await call('GET', '/display/shops/a', undefined, of);
  const second = await call('GET', '/display/v2/shops/a', undefined, of);
  const tags = [first, second].map(({ headers }) => headers.get('etag') ?? '');
  expect(tags).toEqual(['"display.1.1"', '"display.2.1"']);
  const asked = async (path: string, tag = '') =>
    (await call('GET', `${path}/a`, undefined, { ...of, 'if-none-match': tag })).status;
  expect(await asked('/display/shops', tags[0])).toBe(304);
  expect(await asked('/display/v2/shops', tags[1])).toBe(304);
  expect(await asked('/display/v2/shops', tags[0])).toBe(200);
  expect(await asked('/display/shops', tags[1])).toBe(200);
});

test('versions share the name: one queue that gets what wakes either, and documents that tell them apart', () => {
  const [place, ...more] = topologyOf([displayAgreement, nextAgreement]).consumers;
  expect(more).toEqual([]);
  expect(place?.queue.name).toBe('doorbell-display');
  expect(place?.filterPolicy.type).toEqual([...nextAgreement.wakesOn, { exists: false }]);
  const operations = [displayAgreement, nextAgreement].flatMap((agreement) => sourceOperations(agreement, shopDomain));
  expect(new Set(operations.map(({ operationId }) => operationId)).size).toBe(operations.length);
  expect(new Set(operations.map(({ tag }) => tag))).toEqual(new Set(['display', 'display-v2']));
  expect(new Set(operations.map(({ token }) => token))).toEqual(new Set(['display']));
});
