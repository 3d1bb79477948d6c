import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { settled } from '../../../consumers/testing/clock.ts';

/** A store on disk whose syncs end when the test says so. */
function world() {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-wal-'));
  const syncs: PromiseWithResolvers<void>[] = [];
  const store = openSqliteViewStore<{ title: string }>(
    join(folder, 'views.db'),
    {},
    {
      syncFile() {
        const sync = Promise.withResolvers<void>();
        syncs.push(sync);
        return sync.promise;
      },
    },
  );
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const write = (id: string, version: number) => {
    const done = { is: false };
    const written = store.write([{ id, version, view: { title: id } }]).finally(() => {
      done.is = true;
    });
    written.catch(() => {});
    return { written, done };
  };
  return { store, syncs, write };
}

test('a write resolves when it is on disk, and not before', async () => {
  const { syncs, write } = world();
  const { written, done } = write('a', 1);
  await settled();
  expect([syncs.length, done.is]).toEqual([1, false]);
  syncs[0]?.resolve();
  expect(await written).toEqual([true]);
});

test('writes that come during a sync share the next one', async () => {
  const { syncs, write } = world();
  const writes = ['a', 'b', 'c'].map((id) => write(id, 1));
  await settled();
  expect(syncs).toHaveLength(1);
  syncs[0]?.resolve();
  await settled();
  expect([syncs.length, ...writes.map(({ done }) => done.is)]).toEqual([2, true, false, false]);
  syncs[1]?.resolve();
  await Promise.all(writes.map(({ written }) => written));
  expect(syncs).toHaveLength(2);
});

test('a version is told when it is on disk, and not before: a ring is skipped for it', async () => {
  const { store, syncs, write } = world();
  write('a', 1);
  let told: ReadonlyMap<string, number> | null = null;
  const versions = store.versions(['a']).then((map) => {
    told = map;
  });
  await settled();
  expect(told).toBeNull();
  syncs[0]?.resolve();
  await versions;
  expect(told).toEqual(new Map([['a', 1]]));
});

test('after a sync that failed nothing is believed any more: what the disk lost nobody knows', async () => {
  const { store, syncs, write } = world();
  const { written } = write('a', 1);
  await settled();
  syncs[0]?.reject(new Error('EIO: i/o error, fdatasync'));
  await expect(written).rejects.toThrow('EIO');
  await expect(store.versions(['a'])).rejects.toThrow('EIO');
  await expect(write('b', 1).written).rejects.toThrow('EIO');
  expect(syncs).toHaveLength(1);
});
