import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { openSqliteViewStore, readSqliteViewStore } from '../../../consumers/runtime/sqlite-view-store.ts';

type View = { name: string };
const row = (id: string, version: number, name: string | null = id) => ({
  id,
  version,
  view: name === null ? null : { name },
});

function store() {
  const opened = openSqliteViewStore<View>(':memory:');
  onTestFinished(() => opened.close());
  return opened;
}

test('only a higher version is written, and each row is told whether it was', async () => {
  const views = store();
  expect(await views.write([row('a', 2), row('b', 1)])).toEqual([true, true]);
  expect(await views.write([row('a', 1, 'old'), row('a', 2, 'same'), row('b', 2, 'new')])).toEqual([
    false,
    false,
    true,
  ]);
  expect(await views.read(['a', 'b', 'c'])).toEqual([row('a', 2), row('b', 2, 'new')]);
  expect(await views.versions(['a', 'b', 'c'])).toEqual(new Map(Object.entries({ a: 2, b: 2 })));
});

test('a tombstone keeps the version', async () => {
  const views = store();
  await views.write([row('a', 1)]);
  await views.write([row('a', 2, null)]);
  expect(await views.write([row('a', 1, 'back')])).toEqual([false]);
  expect(await views.read(['a'])).toEqual([row('a', 2, null)]);
});

test('a batch is written as a whole or not at all', async () => {
  const views = store();
  const broken = { id: 'b', version: 'not a number' as unknown as number, view: { name: 'b' } };
  await expect(views.write([row('a', 1), broken])).rejects.toThrow();
  expect(await views.read(['a', 'b'])).toEqual([]);
  expect(await views.write([row('a', 1)])).toEqual([true]);
});

test('pages run in id order', async () => {
  const views = store();
  await views.write(['c', 'a', 'B', 'd'].map((id) => row(id, 1)));
  expect((await views.scan('', 2)).map(({ id }) => id)).toEqual(['B', 'a']);
  expect((await views.scan('a', 9)).map(({ id }) => id)).toEqual(['c', 'd']);
});

test('a file is for its owner only, survives closing, and can be read beside its writer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-views-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'views', 'small.db');
  const writer = openSqliteViewStore<View>(path);
  await writer.write([row('a', 1)]);
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(statSync(join(folder, 'views')).mode & 0o777).toBe(0o700);
  const reader = readSqliteViewStore<View>(path);
  expect(await reader.read(['a'])).toEqual([row('a', 1)]);
  reader.close();
  writer.close();
  const again = openSqliteViewStore<View>(path);
  expect(await again.read(['a'])).toEqual([row('a', 1)]);
  again.close();
});

test('there is nothing to read where nobody wrote', () => {
  expect(() => readSqliteViewStore(join(tmpdir(), 'no-such-views.db'))).toThrow();
});
