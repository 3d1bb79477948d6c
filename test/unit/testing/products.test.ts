import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { defineConsumer } from '../../../consumers/runtime/define-consumer.ts';
import { findDrift } from '../../../consumers/runtime/source/drift.ts';
import { startConsumer } from '../../../consumers/service/start-consumer.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { memoryBroker, memorySource, virtualClock } from '../../../consumers/testing/testing.ts';
import { agreementsFor } from '../../../contracts/wire/agreement.ts';

// A team's own domain, tested as that team would: by what doorbell/testing has.
const defineProductAgreement = agreementsFor(['product.added', 'product.changed', 'product.removed']);

const search = defineConsumer({
  agreement: defineProductAgreement({
    name: 'search',
    version: 1,
    wakesOn: ['product.added', 'product.changed', 'product.removed'],
    path: '/search/products',
    resource: z.object({ title: z.string(), tags: z.array(z.object({ word: z.string() })) }),
  }),
  view: z.object({ words: z.string() }),
  project: ({ title, tags }) => ({ words: [title, ...tags.map(({ word }) => word.toLowerCase())].join(' ') }),
});

async function searching() {
  const clock = virtualClock();
  const broker = memoryBroker(clock);
  const source = memorySource(search.agreement, clock);
  const store = openSqliteViewStore<{ words: string }>(':memory:');
  const running = await startConsumer({ consumer: search, source, broker, store, clock, log: false, signals: false });
  onTestFinished(async () => {
    await Promise.all([running.stop(), clock.advance(10_000)]);
    store.close();
  });
  return { clock, broker, source, store, running };
}

const teaPot = { title: 'tea pot', tags: [{ word: 'Blue' }] };

test('a product becomes a row of the search, and leaves it when it is gone', async () => {
  const { clock, broker, source, store } = await searching();
  source.set('tea-pot', 1, teaPot);
  broker.ring('tea-pot', 'product.added', { version: 1 });
  await clock.advance(1_000);
  expect(await store.read(['tea-pot'])).toEqual([{ id: 'tea-pot', version: 1, view: { words: 'tea pot blue' } }]);
  source.gone('tea-pot', 2);
  broker.ring('tea-pot', 'product.removed');
  await clock.advance(1_000);
  expect(await store.read(['tea-pot'])).toEqual([{ id: 'tea-pot', version: 2, view: null }]);
  expect(broker.waiting()).toBe(0);
});

test('an outage makes no letter, and health says that the consumer waits', async () => {
  const { clock, broker, source, running } = await searching();
  source.set('tea-pot', 1, teaPot);
  source.isAway = true;
  for (let n = 0; n < 20; n++) broker.ring(`p${n}`, 'product.added', { version: 1 });
  await clock.advance(3_600_000);
  expect([broker.letters, broker.waiting()]).toEqual([[], 20]);
  expect(running.health().reason).toContain('connection refused');
});

test('a state that does not fit the agreement is a letter with its field, which heals when it fits', async () => {
  const { clock, broker, source } = await searching();
  // The first filling of the views is over: beside it, the same resource may be dead-lettered by both.
  await clock.advance(1_000);
  source.set('tea-pot', 1, { ...teaPot, tags: [{ word: 5 as never }] });
  broker.ring('tea-pot', 'product.added', { version: 1 });
  await clock.advance(1_000);
  expect(broker.letters).toMatchObject([{ reason: 'agreement-broken', field: 'tags.0.word', version: 1 }]);
  expect(broker.deadLettersWaiting()).toBe(1);
  source.set('tea-pot', 2, teaPot);
  broker.ring('tea-pot', 'product.changed', { version: 2 });
  await clock.advance(600_000);
  expect(broker.deadLettersWaiting()).toBe(0);
});

test('a body that is no notification is a letter', async () => {
  const { clock, broker } = await searching();
  broker.sendBody('{"id":"tea-pot","type":"product.added","price":9}');
  await clock.advance(1_000);
  expect(broker.letters).toMatchObject([{ reason: 'malformed-notification' }]);
});

test('what was never rung is drift', async () => {
  const { clock, source, store } = await searching();
  source.set('tea-pot', 3, teaPot);
  const finding = findDrift({ store, source, clock }, new AbortController().signal);
  await clock.advance(1_000);
  expect(await finding).toEqual([{ id: 'tea-pot', ours: null, theirs: 3 }]);
});

test('a source shows all it has in pages of a hundred, in id order', async () => {
  const { clock, source } = await searching();
  for (let n = 0; n < 150; n++) source.set(`p${n}`, 1, teaPot);
  const signal = new AbortController().signal;
  const asked = [source.page('', signal), source.page('p55', signal)];
  await clock.advance(100);
  const [first, last] = await Promise.all(asked);
  expect([first?.resources.length, first?.next, last?.next]).toEqual([100, first?.resources[99]?.id, null]);
  expect(first?.resources[0]).toMatchObject({ id: 'p0', look: { kind: 'found', version: 1 } });
});
