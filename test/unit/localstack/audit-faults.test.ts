import { DatabaseSync } from 'node:sqlite';
import { expect, test } from 'vitest';
import { SourceRefused } from '../../../consumers/runtime/source/errors.ts';
import { isClean } from '../../../localstack/operate/audit/audit.ts';
import { auditWorld, type Known } from '../../support/audit-world.ts';

const found = (version: number, name: string): Known => ({ version, name });
const gone = (version: number): Known => ({ version, name: null });
const row = (id: string, version: number, title: string) => ({ id, version, view: { title } });

test('a change that arrives during the delay is no finding', async () => {
  const world = await auditWorld(new Map([['a', found(2, 'new')]]), [row('a', 1, 'OLD')]);
  world.onSleep = async () => void (await world.store.write([row('a', 2, 'NEW')]));
  const report = await world.audit();
  expect([report.suspects, report.findings, world.waits]).toEqual([1, [], [2_000]]);
});

test('a busy resource, whose view is always a change behind, is no finding; one that stands still is', async () => {
  const source = new Map([
    ['busy', found(2, 'v2')],
    ['stuck', found(2, 'v2')],
  ]);
  const world = await auditWorld(source, [row('busy', 1, 'V1'), row('stuck', 1, 'V1')]);
  let version = 2;
  world.onSleep = async () => {
    await world.store.write([row('busy', version, `V${version}`)]);
    version++;
    for (const id of ['busy', 'stuck']) source.set(id, found(version, `v${version}`));
  };
  const report = await world.audit();
  expect(report.findings).toMatchObject([{ id: 'stuck', kind: 'older', source: 6, view: 1 }]);
});

test('views of an older version that show the same are asleep, and no finding', async () => {
  const source = new Map([
    ['a', found(9, 'a')],
    ['b', gone(9)],
  ]);
  const world = await auditWorld(source, [row('a', 1, 'A'), { id: 'b', version: 4, view: null }]);
  const report = await world.audit();
  expect([report.suspects, report.asleep, report.findings, world.waits]).toEqual([2, 2, [], []]);
});

test('a view whose text is no JSON is found among others, and written again', async () => {
  const source = new Map([
    ['a', found(1, 'a')],
    ['b', found(1, 'b')],
    ['c', found(1, 'c')],
  ]);
  const world = await auditWorld(source, [row('a', 1, 'A'), row('b', 1, 'B')]);
  // A row that SQLite could not index any more: its table has no index here.
  const database = new DatabaseSync(world.file);
  database.exec(`drop index view_by_title; alter table view drop column title;
    update view set view = '{"title":' where id = 'b'`);
  database.close();
  const report = await world.repaired();
  expect(report.findings).toMatchObject([
    { id: 'c', kind: 'missing', source: 1, view: null },
    { id: 'b', kind: 'content', source: 1, view: 1, differences: [{ field: 'view', view: '(no JSON)' }] },
  ]);
  expect(report.repair).toEqual({ repaired: 2, withheld: 0, left: [], failures: [] });
  expect(await world.store.read(['b', 'c'])).toEqual([row('b', 1, 'B'), row('c', 1, 'C')]);
});

test('a repair that would empty more than a tenth of the views leaves these, and mends the others', async () => {
  const ids = Array.from({ length: 60 }, (_, n) => `s${n}`);
  const source = new Map(ids.map((id, n) => [id, n < 11 ? gone(2) : found(2, id)]));
  const world = await auditWorld(
    source,
    ids.map((id) => row(id, 1, 'BEFORE')),
  );
  const report = await world.repaired();
  expect(report.repair).toMatchObject({ repaired: 49, withheld: 11 });
  expect(report.repair?.left).toHaveLength(11);
  expect(isClean(report)).toBe(false);
  source.set('s0', found(2, 's0'));
  const again = await world.repaired();
  expect(again.repair).toMatchObject({ repaired: 11, withheld: 0, left: [] });
  expect((await world.store.read(['s1']))[0]).toEqual({ id: 's1', version: 2, view: null });
});

test('without a projection versions are compared, and a view that is gone is told from one that is not', async () => {
  const source = new Map([
    ['a', found(3, 'a')],
    ['b', gone(3)],
    ['c', gone(3)],
    ['d', found(3, 'd')],
  ]);
  const tombstone = (id: string) => ({ id, version: 2, view: null });
  const world = await auditWorld(source, [row('a', 2, 'A'), tombstone('b'), row('c', 2, 'C'), row('d', 3, 'damaged')]);
  const report = await world.audit({}, { consumer: null });
  expect(report).toMatchObject({ compared: 'versions', sampled: 0, asleep: 1 });
  expect(report.findings.map(({ id, kind }) => [id, kind])).toEqual([
    ['a', 'older'],
    ['c', 'older'],
  ]);
});

test('what the source refuses, or does not show, is counted as failed and the rest is compared', async () => {
  const source = new Map([
    ['a', found(2, 'explode')],
    ['b', found(2, 'b')],
    ['c', found(2, 'c')],
  ]);
  const world = await auditWorld(source, [row('b', 1, 'OLD')]);
  const { look } = world.source;
  const refused = new SourceRefused('source-refused', 422, 'not for you');
  const report = await world.audit(
    {},
    {
      source: {
        ...world.source,
        look: async (wants) =>
          (await look(wants)).map((each, n) =>
            wants[n]?.id === 'c' ? { kind: 'refused' as const, error: refused } : each,
          ),
      },
    },
  );
  expect(report.failures.toSorted((a, b) => (a.id < b.id ? -1 : 1))).toEqual([
    { id: 'a', reason: 'project threw: cannot project this' },
    { id: 'c', reason: 'not for you' },
  ]);
  expect(report.findings).toMatchObject([{ id: 'b', kind: 'older' }]);
  expect(isClean(report)).toBe(false);
});

test('a replica that lags is asked for the version of the view, so that a view ahead of it is no finding', async () => {
  const behind = new Map([
    ['a', found(1, 'a')],
    ['b', found(0, '')],
  ]);
  const rows = [row('a', 2, 'A2'), row('b', 1, 'B')];
  const world = await auditWorld(behind, rows);
  world.onSleep = async () => {
    behind.set('a', found(2, 'a2')).set('b', found(1, 'b'));
  };
  expect((await world.audit()).findings).toEqual([]);
  // Our publisher answers with its primary then.
  expect(world.source.looks[0]).toEqual([
    { id: 'a', minVersion: 2 },
    { id: 'b', minVersion: 1 },
  ]);
  const stays = await (await auditWorld(new Map([['a', found(1, 'a')]]), rows)).audit();
  expect(stays.findings.map(({ id, kind }) => [id, kind])).toEqual([
    ['a', 'above'],
    ['b', 'ghost'],
  ]);
});

test('an audit that is stopped while it waits ends', async () => {
  const world = await auditWorld(new Map([['a', found(2, 'a')]]), [row('a', 1, 'OLD')]);
  const stop = new AbortController();
  world.onSleep = async () => stop.abort(new Error('stopped'));
  await expect(world.audit({}, { signal: stop.signal })).rejects.toThrow('stopped');
});
