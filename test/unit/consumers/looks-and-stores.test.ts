import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { createKnownVersions } from '../../../consumers/runtime/refresh/known-versions.ts';
import { lookAtResources, type RefreshRequest } from '../../../consumers/runtime/refresh/look.ts';
import type { ViewStore } from '../../../consumers/runtime/views/view-store.ts';
import { openDynamoViewStore } from '../../../consumers/stores/dynamodb/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { dynamoServer } from '../../support/dynamo-server.ts';
import { endpoint } from '../../support/dynamodb.ts';
import { smallConsumer } from '../../support/small-consumer.ts';
import { sqlite } from '../../support/stores.ts';

type View = { title: string };
type Found = { version: number; name: string };

/** Takes titles of any length: it is the store that has enough of them. */
const consumer = { ...smallConsumer, view: z.object({ title: z.string() }) };

const signal = new AbortController().signal;
const request = (id: string, version: number) => ({ id, rings: [{ version }] }) as unknown as RefreshRequest;

/** Looks at resources, of which the source shows what is given. */
async function look(store: ViewStore<View>, resources: Record<string, Found>) {
  const events: ConsumerEvent[] = [];
  const asked: object[] = [];
  const source = {
    async look(wants: readonly { id: string }[]) {
      asked.push(...wants);
      return wants.map(({ id }) => {
        const { version, name } = resources[id] as Found;
        return { kind: 'found' as const, version, resource: { name } };
      });
    },
  };
  const observe = (event: ConsumerEvent) => void events.push(event);
  const deps = { consumer, source, store, known: createKnownVersions(), observe };
  const results = await lookAtResources(
    Object.entries(resources).map(([id, { version }]) => request(id, version)),
    deps,
    signal,
  );
  return { results, events, asked };
}

/** A store whose versions were read a moment before the latest write. */
async function staleStore() {
  const store = await sqlite.open<View>({});
  onTestFinished(store.close);
  await store.write([{ id: 'a', version: 5, view: { title: 'SOUP' } }]);
  return { ...store, versions: async () => new Map([['a', 4]]) };
}

test('a version that is read too old costs a look, and nothing goes backwards', async () => {
  const store = await staleStore();
  const { results, events, asked } = await look(store, { a: { version: 5, name: 'soup' } });
  expect(asked).toEqual([{ id: 'a', minVersion: 5, have: 4 }]);
  expect(results).toMatchObject([{ kind: 'covered', version: 5, written: false, looked: true }]);
  expect(events).toEqual([]);
  expect(await store.read(['a'])).toMatchObject([{ version: 5, view: { title: 'SOUP' } }]);
});

test('other content under the stored version is told also where that version was read too old', async () => {
  const { events } = await look(await staleStore(), { a: { version: 5, name: 'noodles' } });
  expect(events).toEqual([{ kind: 'conflict', id: 'a', version: 5 }]);
});

test('a view too large for its store is buried alone, and its neighbours are written', async () => {
  const { url, items } = await dynamoServer();
  const store = openDynamoViewStore<View>({
    table: 'views',
    indexes: {},
    client: endpoint(url),
    clock: virtualClock(),
  });
  onTestFinished(store.close);
  const { results } = await look(store, {
    a: { version: 1, name: 'soup' },
    b: { version: 1, name: 'x'.repeat(420_000) },
    c: { version: 1, name: 'noodles' },
  });
  expect(results).toMatchObject([
    { kind: 'covered', written: true },
    { kind: 'poison', reason: 'view-invalid', version: 1, detail: expect.stringContaining('too large') },
    { kind: 'covered', written: true },
  ]);
  expect([...items.keys()].toSorted()).toEqual(['a', 'c']);
});
