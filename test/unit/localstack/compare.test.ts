import { describe, expect, test } from 'vitest';
import * as z from 'zod/mini';
import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Look } from '../../../consumers/runtime/source/client.ts';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { compareView } from '../../../localstack/operate/verify/compare.ts';
import { verifyConsumer } from '../../../localstack/operate/verify/verify-consumer.ts';
import { type SmallView, smallConsumer } from '../../support/small-consumer.ts';

describe('comparing a view with its source', () => {
  const row = { id: 'a', version: 2, view: { name: 'A', menu: [{ price: 1 }] } };

  test('names the field that differs, however deep', () => {
    expect(compareView('a', row, { ...row, view: { name: 'A', menu: [{ price: 2 }] } })).toEqual([
      { id: 'a', field: 'menu.0.price', source: 1, view: 2 },
    ]);
  });

  test('an older version that shows the same is no difference: its consumer slept through the rest', () => {
    expect(compareView('a', row, { ...row, version: 1 })).toEqual([]);
    expect(compareView('a', row, { ...row, version: 3 })).toEqual([{ id: 'a', field: 'version', source: 2, view: 3 }]);
  });

  test('names a field that only one of them has', () => {
    expect(compareView('a', row, { ...row, view: { name: 'A', menu: [{ price: 1 }], extra: true } })).toMatchObject([
      { field: 'extra', source: undefined, view: true },
    ]);
  });

  test('a tombstone equals a tombstone, and nothing else', () => {
    const gone = { id: 'a', version: 3, view: null };
    expect(compareView('a', gone, gone)).toEqual([]);
    expect(compareView('a', gone, { ...row, version: 3 })).toMatchObject([{ field: 'view', source: null }]);
    expect(compareView('a', { ...row, version: 3 }, gone)).toMatchObject([{ field: 'view', view: null }]);
  });

  test('a view that is missing, or that nobody knows, differs', () => {
    expect(compareView('a', row, undefined)).toMatchObject([{ field: 'shop', view: 'missing' }]);
    expect(compareView('a', undefined, row)).toMatchObject([{ field: 'shop', source: 'unknown' }]);
  });

  test('a tombstone of what nobody knows shows nothing, as after the repair of a ghost', () => {
    expect(compareView('a', undefined, { ...row, view: null })).toEqual([]);
  });
});

describe('verifying a consumer', () => {
  async function world(...rows: { id: string; version: number; view: SmallView | null }[]) {
    const store = openSqliteViewStore<SmallView>(':memory:');
    await store.write(rows);
    const looks = new Map<string, Look<unknown>>([
      ['a', { kind: 'found', version: 1, resource: { name: 'a' } }],
      ['b', { kind: 'gone', version: 2 }],
      ['c', { kind: 'found', version: 3, resource: { name: 'c' } }],
    ]);
    let pauses = 0;
    let meanwhile = () => {};
    const verify = (consumer: Consumer = smallConsumer) =>
      verifyConsumer({
        consumer,
        store,
        source: {
          // Two to a page, so that pages and views must be joined.
          async page(after) {
            const ids = [...looks.keys()].filter((id) => id > after);
            const resources = ids.slice(0, 2).map((id) => ({ id, look: looks.get(id) as Look<unknown> }));
            return { resources, next: ids.length > 2 ? (ids[1] ?? null) : null };
          },
          look: async (wants) => wants.map(({ id }) => looks.get(id) ?? { kind: 'missing' }),
        },
        pause: async () => {
          pauses++;
          meanwhile();
        },
        signal: new AbortController().signal,
      });
    const onPause = (work: () => void) => {
      meanwhile = work;
    };
    return { store, verify, looks, pauses: () => pauses, onPause };
  }

  const good = [
    { id: 'a', version: 1, view: { title: 'A' } },
    { id: 'b', version: 2, view: null },
    { id: 'c', version: 3, view: { title: 'C' } },
  ];

  test('counts what is equal, tombstones included', async () => {
    const { verify } = await world(...good);
    expect(await verify()).toEqual({
      compared: 'contents',
      shops: 3,
      equal: 3,
      tombstones: 1,
      different: 0,
      failed: 0,
      differences: [],
      failures: [],
    });
  });

  test('finds what is missing, what differs and what should not be there', async () => {
    const { verify, pauses } = await world(
      { id: 'Z', version: 9, view: { title: 'Z' } },
      { id: 'a', version: 1, view: { title: 'B' } },
      { id: 'c', version: 3, view: { title: 'C' } },
    );
    const report = await verify();
    expect(report).toMatchObject({ shops: 4, equal: 1, different: 3 });
    expect(report.differences.map(({ id, field }) => `${id} ${field}`)).toEqual(['Z shop', 'a title', 'b shop']);
    expect(pauses()).toBe(4);
  });

  test('a change that was on its way is no difference', async () => {
    const { verify, store, onPause } = await world(...good.slice(0, 2));
    onPause(() => void store.write(good.slice(2)));
    expect(await verify()).toMatchObject({ equal: 3, different: 0, differences: [] });
  });

  const throwing = (thrown: unknown): Consumer => ({
    ...smallConsumer,
    project(shop: unknown, id: string) {
      if (id === 'c') throw thrown;
      return smallConsumer.project(shop as { name: string }, id);
    },
  });
  const showing = (view: unknown): Consumer => ({
    ...smallConsumer,
    project: (shop, id) => (id === 'c' ? view : smallConsumer.project(shop as { name: string }, id)),
  });
  const cyclic: Record<string, unknown> = { title: 'C' };
  cyclic.self = cyclic;

  test.each<[string, Consumer, string]>([
    ['throws in project', throwing(new Error('no menu')), 'project threw: no menu'],
    ['throws what is no error', throwing('no menu'), 'project threw: no menu'],
    ['throws nothing', throwing(undefined), 'project threw: undefined'],
    ['has a view of another form', showing({ title: 7 }), 'the view does not fit its schema: title: '],
    ['has no view', showing(undefined), 'the view does not fit its schema: '],
    ['has a view that nobody can write', { ...showing(cyclic), view: z.any() }, 'project threw: Converting circular'],
  ])('a shop that %s is told and counted, and the others are compared', async (_, consumer, reason) => {
    const { verify } = await world({ id: 'Z', version: 9, view: { title: 'Z' } }, ...good);
    const report = await verify(consumer);
    expect(report).toMatchObject({ shops: 4, equal: 2, tombstones: 1, different: 1, failed: 1 });
    expect(report.failures).toEqual([{ id: 'c', reason: expect.stringContaining(reason) }]);
    expect(report.differences.map(({ id }) => id)).toEqual(['Z']);
  });

  test.each<[string, Look<unknown>, string]>([
    [
      'breaks the agreement',
      { kind: 'refused', error: new SourceRefused('agreement-broken', 200, 'small@1: name') },
      'small@1',
    ],
    ['its source can not show', { kind: 'failed', reason: 'the source can not show this shop' }, 'the log says'],
  ])('a shop that %s is told and counted, with its view or without', async (_, look, reason) => {
    for (const views of [good, good.slice(1)]) {
      const { verify, looks } = await world(...views);
      looks.set('a', look);
      const report = await verify();
      expect(report).toMatchObject({ shops: 3, equal: 2, different: 0, failed: 1, differences: [] });
      expect(report.failures).toEqual([{ id: 'a', reason: expect.stringContaining(reason.split(' ').at(-1) ?? '') }]);
    }
  });

  test('a shop that can be shown again meanwhile is no failure', async () => {
    const { verify, looks, onPause } = await world(...good);
    looks.set('a', { kind: 'failed', reason: 'busy' });
    onPause(() => void looks.set('a', { kind: 'found', version: 1, resource: { name: 'a' } }));
    expect(await verify()).toMatchObject({ equal: 3, different: 0, failed: 0, failures: [] });
  });

  test('all of many shops that fail are told', async () => {
    const { verify, looks } = await world();
    for (let n = 100; n < 350; n++) looks.set(`s${n}`, { kind: 'failed', reason: 'broken' });
    expect((await verify()).failures).toHaveLength(250);
  });
});
