import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
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

test('a batch is written as a whole or not at all', async () => {
  const views = store();
  const broken = { id: 'b', version: 'not a number' as unknown as number, view: { name: 'b' } };
  await expect(views.write([row('a', 1), broken])).rejects.toThrow();
  expect(await views.read(['a', 'b'])).toEqual([]);
  expect(await views.write([row('a', 1)])).toEqual([true]);
});

test('other indexes than before remake the table, and lose no view', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-views-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'small.db');
  const before = openSqliteViewStore<View>(path, { name: 'name', other: 'name' });
  await before.write([row('a', 1), row('b', 2, null)]);
  before.close();
  const after = openSqliteViewStore<View>(path, { name: 'name' });
  expect(await after.query({ name: 'a' }, '', 10)).toEqual([row('a', 1)]);
  expect(await after.versions(['a', 'b'])).toEqual(new Map(Object.entries({ a: 1, b: 2 })));
  after.close();
  const database = new DatabaseSync(path);
  const indexed = database
    .prepare("select name from sqlite_schema where type = 'index' and name like 'view_by%'")
    .all();
  expect(indexed.map(({ name }) => name)).toEqual(['view_by_name']);
  database.close();
});

test.each([{ 'name"; drop table view; --': 'name' }, { name: "name') stored, x text" }])(
  'the index %j is refused',
  (indexes) => {
    expect(() => openSqliteViewStore(':memory:', indexes as Record<string, string>)).toThrow(RangeError);
  },
);

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

test('versions are read in pages in id order without their views, those of closed shops too', async () => {
  const views = store();
  await views.write([row('c', 3), row('a', 5_000_000_000), row('B', 2, null)]);
  expect(await views.scanVersions('', 2)).toEqual([
    { id: 'B', version: 2 },
    { id: 'a', version: 5_000_000_000 },
  ]);
  expect(await views.scanVersions('a', 2)).toEqual([{ id: 'c', version: 3 }]);
});
