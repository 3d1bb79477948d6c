import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemClock } from '../../../consumers/runtime/system.ts';
import type { Indexes, ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { openDynamoViewStore } from '../../../consumers/stores/dynamodb/store.ts';
import { openSqliteViewStore, repairSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import { dynamoServer } from '../../support/dynamo-server.ts';
import { endpoint } from '../../support/dynamodb.ts';

type View = { city: string };
const indexes: Indexes = { city: 'city' };
const row = (id: string, version: number, city: string | null): ViewRow<View> => {
  return { id, version, view: city === null ? null : { city } };
};

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'doorbell-replace-'));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

/** The store of a running consumer, and the one of a repair, with the same views. */
const places = [
  {
    name: 'SQLite',
    async open() {
      const file = join(folder(), 'views.db');
      const running = openSqliteViewStore<View>(file, indexes);
      return { running, mending: repairSqliteViewStore<View>(file) };
    },
  },
  {
    name: "DynamoDB's stand-in",
    async open() {
      const { url } = await dynamoServer();
      const store = () =>
        openDynamoViewStore<View>({ table: 'views', indexes, client: endpoint(url), clock: systemClock });
      return { running: store(), mending: store() };
    },
  },
];

describe.each(places)('a repair in $name, while the consumer runs', ({ open }) => {
  async function opened() {
    const { running, mending } = await open();
    onTestFinished(() => {
      running.close();
      mending.close();
    });
    return { running, mending };
  }

  test('replaces a view at the version that it has, with its indexed values, and at no other', async () => {
    const { running, mending } = await opened();
    await running.write([row('a', 2, 'damaged'), row('b', 2, 'right')]);
    const rows = [row('a', 2, 'Bern'), row('b', 1, 'older'), row('b', 3, 'newer'), row('c', 1, 'unknown')];
    expect(await mending.replace(rows)).toEqual([true, false, false, false]);
    expect(await running.query({ city: 'Bern' }, '', 10)).toEqual([row('a', 2, 'Bern')]);
    expect(await running.query({ city: 'damaged' }, '', 10)).toEqual([]);
    expect(await running.read(['b', 'c'])).toEqual([row('b', 2, 'right')]);
  });

  test('makes a tombstone at its version, and a newer view of the consumer goes over it', async () => {
    const { running, mending } = await opened();
    await running.write([row('a', 2, 'ghost')]);
    expect(await mending.replace([row('a', 2, null)])).toEqual([true]);
    expect(await running.read(['a'])).toEqual([row('a', 2, null)]);
    expect(await running.write([row('a', 3, 'Bern')])).toEqual([true]);
  });

  test('writes never backwards, as the consumer does', async () => {
    const { running, mending } = await opened();
    await running.write([row('a', 2, 'Bern')]);
    expect(await mending.write([row('a', 1, 'older'), row('b', 1, 'Basel')])).toEqual([false, true]);
    expect((await running.read(['a', 'b'])).length).toBe(2);
  });
});

test('a repair writes the revision beside a view, so that it is not made again', async () => {
  const file = join(folder(), 'views.db');
  const running = openSqliteViewStore<View>(file, indexes, { revision: 'new' });
  const mending = repairSqliteViewStore<View>(file, { revision: 'new' });
  const old = repairSqliteViewStore<View>(file);
  onTestFinished(() => [running, mending, old].forEach((store) => void store.close()));
  await old.write([row('a', 2, 'damaged'), row('b', 2, 'damaged')]);
  expect(await mending.replace([row('a', 2, 'Bern')])).toEqual([true]);
  expect(await old.replace([row('a', 2, 'Basel')])).toEqual([true]);
  expect(await running.write([row('a', 2, 'again'), row('b', 2, 'again')])).toEqual([false, true]);
});

test('a repair makes no file of views where there is none', () => {
  const file = join(folder(), 'views.db');
  expect(() => repairSqliteViewStore<View>(file)).toThrow(/unable to open database file/);
  expect(existsSync(file)).toBe(false);
});
