import { mkdirSync, mkdtempSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import {
  openSqliteViewStore,
  readSqliteViewStore,
  repairSqliteViewStore,
  type SqliteViewStore,
} from '../../../consumers/stores/sqlite/store.ts';
import { virtualClock } from '../../../consumers/testing/clock.ts';

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

test('the file of an older release is read and repaired as it is, and brought in line by its consumer', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-views-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'older.db');
  const older = new DatabaseSync(path);
  older.exec('create table view (id text primary key, version integer not null, view text) strict');
  older.exec(`insert into view values ('a', 3, '{"name":"a"}'), ('b', 2, '{"name":"damaged"}')`);
  older.close();
  const reading = readSqliteViewStore<View>(path);
  expect([await reading.read(['a']), await reading.progress.read()]).toEqual([[row('a', 3)], null]);
  reading.close();
  const mending = repairSqliteViewStore<View>(path, { revision: 'new' });
  expect(await mending.replace([row('b', 2)])).toEqual([true]);
  expect(await mending.write([row('a', 3, 'same'), row('b', 3)])).toEqual([false, true]);
  mending.close();
  const running = openSqliteViewStore<View>(path, {}, { revision: 'new' });
  expect(await running.scan('', 10)).toEqual([row('a', 3), row('b', 3)]);
  expect(await running.write([row('a', 3, 'made again')])).toEqual([true]);
  running.close();
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

test('versions are read in pages in id order without their views, those of closed resources too', async () => {
  const views = store();
  await views.write([row('c', 3), row('a', 5_000_000_000), row('B', 2, null)]);
  expect(await views.scanVersions('', 2)).toEqual([
    { id: 'B', version: 2 },
    { id: 'a', version: 5_000_000_000 },
  ]);
  expect(await views.scanVersions('a', 2)).toEqual([{ id: 'c', version: 3 }]);
});

/** A path in a folder of its own, gone when the test is over. */
function viewPath(): string {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-views-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return join(folder, 'small.db');
}

describe('a lock that another process holds', () => {
  async function locked() {
    const path = viewPath();
    const clock = virtualClock();
    const store = openSqliteViewStore<View>(path, {}, { clock });
    const other = new DatabaseSync(path);
    onTestFinished(() => {
      store.close();
      other.close();
    });
    other.exec('begin exclusive');
    return { clock, store, other };
  }

  test('is waited for while the event loop goes on, and then the views are written', async () => {
    const { clock, store, other } = await locked();
    const before = performance.now();
    const written = store.write([row('a', 1)]);
    await clock.advance(4_000);
    other.exec('commit');
    await clock.advance(200);
    expect(await written).toEqual([true]);
    // 5 s of SQLite's own waiting would have stood in between.
    expect(performance.now() - before).toBeLessThan(4_000);
  });

  test.each([
    ['a write', (store: SqliteViewStore<View>) => store.write([row('a', 1)])],
    ['a probe', (store: SqliteViewStore<View>) => store.probe()],
  ])('fails %s after five seconds', async (_, work) => {
    const { clock, store } = await locked();
    const failure = work(store).catch((error: Error) => error.message);
    await clock.advance(6_000);
    expect(await failure).toBe('database is locked');
  });
});

test('a probe writes, and leaves no view behind', async () => {
  const path = viewPath();
  const store = openSqliteViewStore<View>(path);
  onTestFinished(() => store.close());
  const before = statSync(`${path}-wal`).size;
  await store.probe();
  expect(statSync(`${path}-wal`).size).toBeGreaterThan(before + 65_536);
  expect(await store.scan('', 10)).toEqual([]);
});

test('a disk that is full fails a probe as it fails a write', async () => {
  const path = viewPath();
  const store = openSqliteViewStore<View>(path, {}, { syncFile: () => Promise.reject(new Error('ENOSPC')) });
  onTestFinished(() => store.close());
  await expect(store.probe()).rejects.toThrow('ENOSPC');
});

describe('a view file that can not be opened', () => {
  const good = () => {
    const path = viewPath();
    const store = openSqliteViewStore<View>(path);
    store.close();
    return path;
  };

  test.each<[string, () => string, RegExp]>([
    [
      'is no database',
      () => {
        const path = viewPath();
        writeFileSync(path, 'a letter to my bank, in plain text. '.repeat(100));
        return path;
      },
      /file is not a database\. It is no SQLite file, or its end is missing\. Move it away/,
    ],
    [
      'was cut off',
      () => {
        const path = good();
        truncateSync(path, 5_000);
        return path;
      },
      /Move it away, with its -wal and -shm, start again, and ring for every resource/,
    ],
    [
      'is of another program',
      () => {
        const path = viewPath();
        const other = new DatabaseSync(path);
        other.exec('create table view (name text)');
        other.close();
        return path;
      },
      /It holds tables of another program\. Name another file/,
    ],
    [
      'is a folder',
      () => {
        const path = viewPath();
        mkdirSync(path);
        return path;
      },
      /It is a folder\. Name a file in DOORBELL_VIEWS/,
    ],
    [
      'lies below a file',
      () => {
        const path = viewPath();
        writeFileSync(path, '');
        return join(path, 'views.db');
      },
      /Make the user of this process the owner of its folder/,
    ],
  ])('%s: the message says which, and what to do', (_, make, words) => {
    const path = make();
    expect(() => openSqliteViewStore(path)).toThrow(words);
    expect(() => openSqliteViewStore(path)).toThrow(`The view file ${path} can't be opened: `);
  });
});
