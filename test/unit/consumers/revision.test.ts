import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import * as z from 'zod/mini';
import { type Consumer, defineConsumer } from '../../../consumers/runtime/define-consumer.ts';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { openStore } from '../../../consumers/service/open.ts';
import { revisionOf } from '../../../consumers/service/revision.ts';
import { startConsumer } from '../../../consumers/service/start-consumer.ts';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { memoryQueue } from '../../support/memory-queue.ts';
import { smallAgreement, smallConsumer } from '../../support/small-consumer.ts';
import { memorySource } from '../../support/worker.ts';

type Named = { name: string };

/** The consumer with a view that has the length of the name, too. */
const longer = defineConsumer({
  ...smallConsumer,
  view: z.object({ title: z.string(), length: z.number() }),
  project: ({ name }: Named) => ({ title: name, length: name.length }),
});

test('a revision is another one where views may be others, and the same after a restart', () => {
  const agreement = { ...smallAgreement, version: 2 };
  const others = [
    longer,
    { ...smallConsumer, agreement },
    { ...smallConsumer, revision: 2 },
    { ...smallConsumer, revision: '2' },
  ];
  const revisions = [smallConsumer, ...others].map((each) => revisionOf(each as Consumer));
  const indexed = [revisionOf(smallConsumer, { title: 'title' }), revisionOf(smallConsumer, { title: 'other' })];
  expect(new Set([...revisions, ...indexed]).size).toBe(7);
  expect(revisionOf({ ...smallConsumer })).toBe(revisions[0]);
  expect(revisions[0]).toMatch(/^[\w-]{12}$/);
});

test('a store that startConsumer opens writes the revision of the consumer', async () => {
  const { part, close } = await openStore({ consumer: smallConsumer, store: ':memory:' }, virtualClock());
  onTestFinished(() => void close());
  expect(part.revision).toBe(revisionOf(smallConsumer));
});

/** A consumer of 250 resources in a file, which is started as this or that release. */
function world() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-revision-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const file = join(folder, 'views.sqlite');
  const clock = virtualClock();
  const source = memorySource(clock);
  for (let n = 0; n < 250; n++) source.set(`s${String(n).padStart(3, '0')}`, 1, 'name');
  source.set('s100', 2, null);
  const events: ConsumerEvent[] = [];
  const { queue } = memoryQueue(clock);
  async function run(consumer: Consumer<Named, never>, ms: number): Promise<void> {
    // In virtual time nothing waits for a disk.
    const syncFile = async () => {};
    const store = openSqliteViewStore<never>(file, {}, { clock, syncFile, revision: revisionOf(consumer) });
    const common = { source, broker: { queue }, store, clock, log: false, signals: false } as const;
    const running = await startConsumer({ ...common, consumer, observe: (event) => void events.push(event) });
    await clock.advance(ms);
    const stopped = running.stop();
    await clock.advance(10_000);
    await stopped;
    store.close();
  }
  async function views() {
    const store = openSqliteViewStore<{ title: string; length?: number }>(file);
    const rows = await store.scan('', 1_000);
    store.close();
    return rows;
  }
  const seen = (kind: ConsumerEvent['kind']) => events.splice(0).filter((event) => event.kind === kind).length;
  return { file, clock, source, run, views, seen };
}

const [before, after] = [smallConsumer as never, longer as never];

test('a release that makes other views makes all of them again, by itself and once', async () => {
  const { source, run, views, seen } = world();
  await run(before, 5_000);
  expect([(await views()).length, seen('revised')]).toEqual([250, 0]);
  source.looks.length = 0;
  await run(after, 5_000);
  const rows = await views();
  expect(rows.filter(({ view }) => view?.length === 4).length).toBe(249);
  expect(rows.find(({ id }) => id === 's100')).toEqual({ id: 's100', version: 2, view: null });
  expect([seen('revised'), source.looks]).toEqual([1, []]);
  await run(after, 60_000);
  expect(seen('refilled')).toBe(0);
});

test('views that are made again are the old ones until then, never older ones, and a kill loses nothing', async () => {
  const { clock, source, run, views, seen } = world();
  await run(before, 5_000);
  const { page } = source;
  source.page = async (from, signal) => {
    await clock.sleep(1_000, signal);
    return page(from, signal);
  };
  // The last page is on its way when it stops.
  await run(after, 3_500);
  const half = (await views()).filter(({ view }) => view?.length === 4).length;
  expect(half).toBeGreaterThan(0);
  expect(half).toBeLessThan(249);
  source.set('s249', 2, 'new name');
  seen('revised');
  await run(after, 60_000);
  const rows = await views();
  expect(rows.filter(({ view }) => view?.length === undefined && view !== null)).toEqual([]);
  expect(rows.at(-1)).toEqual({ id: 's249', version: 2, view: { title: 'new name', length: 8 } });
  expect(seen('revised')).toBe(0);
});

test('a store of an older release, of which no revision is known, is taken as it is until the next one', async () => {
  const { file, source, run, views, seen } = world();
  await run(before, 5_000);
  const store = openSqliteViewStore(file);
  const { kept } = (await store.progress.lease('older', 1_000)) ?? {};
  const { revision, ...older } = JSON.parse(kept ?? '') as { revision: string };
  expect(revision).toBe(revisionOf(smallConsumer));
  await store.progress.keep('older', 1_000, JSON.stringify(older));
  await store.progress.release('older');
  store.close();
  await run(after, 5_000);
  expect(seen('revised')).toBe(0);
  source.set('s000', 2, 'changed');
  await run(after, 60_000);
  expect((await views()).filter(({ view }) => view?.length !== undefined)).toHaveLength(1);
  await run({ ...longer, revision: 2 } as never, 5_000);
  expect(seen('revised')).toBe(1);
  expect((await views()).filter(({ view }) => view?.length !== undefined)).toHaveLength(249);
});

test('views are made again in a store of any class, whose methods need their object', async () => {
  const clock = virtualClock();
  const source = memorySource(clock);
  for (let n = 0; n < 3; n++) source.set(`s${n}`, 1, 'name');
  const inner = openSqliteViewStore<{ title: string; length?: number }>(':memory:', {}, { clock, revision: 'new' });
  onTestFinished(inner.close);
  await inner.progress.lease('older', 0);
  await inner.progress.keep('older', 0, JSON.stringify({ cursor: '3', late: [], isLive: true, revision: 'old' }));
  class ClassStore {
    readonly #store = inner;
    readonly revision = 'new';
    readonly progress = inner.progress;
    versions = (ids: readonly string[]) => this.#store.versions(ids);
    read(ids: readonly string[]) {
      return this.#store.read(ids);
    }
    write(rows: Parameters<typeof inner.write>[0]) {
      return this.#store.write(rows);
    }
    scan(after: string, limit: number) {
      return this.#store.scan(after, limit);
    }
    query(...asked: Parameters<typeof inner.query>) {
      return this.#store.query(...asked);
    }
    probe() {
      return this.#store.probe();
    }
  }
  const { queue } = memoryQueue(clock);
  const common = { source, broker: { queue }, clock, log: false, signals: false, consumer: longer } as const;
  const running = await startConsumer({ ...common, store: new ClassStore() });
  await clock.advance(5_000);
  const stopped = running.stop();
  await clock.advance(10_000);
  await stopped;
  expect((await inner.scan('', 10)).map(({ view }) => view?.length)).toEqual([4, 4, 4]);
});
