import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { startWorker, type Worker } from '../../../consumers/runtime/worker.ts';
import { openSqliteViewStore, type SqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';
import { temporaryFolder } from '../../support/hostile-shell.ts';
import { memoryQueue } from '../../support/memory-queue.ts';
import { type SmallView, smallConsumer } from '../../support/small-consumer.ts';
import { memorySource } from '../../support/worker.ts';

const SECOND = 1_000;
const RESOURCES = 40;

/** A pseudo-random number from 0 to just below 1 (mulberry32, a public-domain generator). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A source that changes several times a second, a queue, and a consumer with its views in a file. */
function world(seed: number) {
  const random = randomFrom(seed);
  const clock = virtualClock({ random });
  const source = memorySource(clock);
  const folder = temporaryFolder();
  const versions = new Map<string, number>();
  const bell = { rings: (_id: string) => true };
  let queue = memoryQueue(clock);
  let files = 0;
  let running: { worker: Worker; store: SqliteViewStore<SmallView>; file: string } | null = null;

  function change(): void {
    const id = `s${Math.floor(random() * RESOURCES)}`;
    const version = (versions.get(id) ?? 0) + 1;
    versions.set(id, version);
    source.set(id, version, random() < 0.1 ? null : `${id} at ${version}`);
    if (bell.rings(id)) queue.send(id, version);
  }

  function start(file = join(folder, `${++files}.sqlite`)): void {
    const store = openSqliteViewStore<SmallView>(file, {}, { clock, syncFile: async () => {} });
    const deps = { consumer: smallConsumer, queue: queue.queue, source, feed: source, store, clock, observe: () => {} };
    running = { worker: startWorker(deps), store, file };
  }

  async function stop(): Promise<string> {
    const { worker, store, file } = running as NonNullable<typeof running>;
    const stopped = worker.stop();
    await clock.advance(10 * SECOND);
    await stopped;
    store.close();
    running = null;
    return file;
  }

  /** Lets time pass, with changes all the while. */
  async function changeFor(seconds: number): Promise<void> {
    for (let n = 0; n < seconds * 4; n++) {
      change();
      await clock.advance(SECOND / 4);
    }
  }

  /** The views that are not as the source is. */
  async function wrong(): Promise<string[]> {
    const rows = new Map((await running?.store.scan('', 1_000))?.map((row) => [row.id, row.version]));
    return [...versions].filter(([id, version]) => rows.get(id) !== version).map(([id]) => id);
  }

  onTestFinished(async () => {
    if (running !== null) await stop();
  });
  const purge = () => {
    queue = memoryQueue(clock);
  };
  return { bell, clock, folder, start, stop, changeFor, wrong, purge, random };
}
type World = ReturnType<typeof world>;

const misfortunes: Record<string, (world: World) => Promise<void>> = {
  async 'half of all rings are dropped'({ bell, random, changeFor }) {
    bell.rings = () => random() < 0.5;
    await changeFor(90);
  },
  async 'the queue is purged'({ stop, start, purge, changeFor }) {
    const file = await stop();
    await changeFor(20);
    purge();
    start(file);
    await changeFor(60);
  },
  async 'the filter lets only some types through'({ bell, changeFor }) {
    bell.rings = (id) => id.endsWith('1');
    await changeFor(90);
  },
  async 'the subscription is deleted'({ bell, changeFor }) {
    bell.rings = () => false;
    await changeFor(90);
  },
  async 'the store is an older copy'({ stop, start, changeFor, folder, bell }) {
    const file = await stop();
    const copy = join(folder, 'copy.sqlite');
    copyFileSync(file, copy);
    start(file);
    await changeFor(60);
    await stop();
    bell.rings = () => false;
    start(copy);
    await changeFor(60);
  },
  async 'the store is lost'({ stop, start, changeFor }) {
    await stop();
    await changeFor(5);
    start();
    await changeFor(60);
  },
};

test.each(Object.keys(misfortunes).flatMap((name) => [1, 2, 3].map((seed) => [name, seed] as const)))(
  'all views are right a minute after %s (%i)',
  async (name, seed) => {
    const here = world(seed);
    here.start();
    await here.changeFor(60);
    await misfortunes[name]?.(here);
    await here.clock.advance(60 * SECOND);
    expect(await here.wrong()).toEqual([]);
  },
);
