import { expect, test } from 'vitest';
import { isClean } from '../../../localstack/operate/audit/audit.ts';
import { countsOf } from '../../../localstack/operate/audit/judge.ts';
import { auditWorld, type Known } from '../../support/audit-world.ts';
import { differingRows, known, planted, plantedIds } from '../../support/planted.ts';

test('100 differences of all kinds among 20,000 views are found, all and only those', async () => {
  const world = await auditWorld(known(), differingRows());
  const report = await world.audit({ sample: 30_000 });
  const found = Map.groupBy(report.findings, ({ kind }) => kind);
  for (const kind of planted)
    expect([...(found.get(kind) ?? [])].map(({ id }) => id).toSorted()).toEqual(plantedIds(kind));
  expect(countsOf(report.findings)).toEqual({ older: 20, missing: 20, ghost: 20, above: 20, content: 20 });
  expect(report).toMatchObject({ compared: 'contents', failures: [], asleep: 30, repair: null });
  // Digests find all but the damaged contents, and the decoys: 50 asleep or expired, 10 tombstones of ghosts.
  expect(report.suspects).toBe(80 + 30 + 10 + 10);
  expect(isClean(report)).toBe(false);
  expect(world.waits).toEqual([2_000, 2_000, 2_000, 2_000]);
}, 30_000);

test('a repair mends them, but for views above their source, and the next audit finds only these', async () => {
  const world = await auditWorld(known(), differingRows());
  const report = await world.repaired({ sample: 30_000 });
  expect(report.repair).toMatchObject({ repaired: 80, withheld: 0, failures: [] });
  expect(report.repair?.left.map(({ id }) => id).toSorted()).toEqual(plantedIds('above'));
  const again = await world.audit({ sample: 30_000 });
  expect(again.findings.map(({ id }) => id).toSorted()).toEqual(plantedIds('above'));
  const [ghost] = await world.store.read(['ghost_3']);
  expect(ghost).toEqual({ id: 'ghost_3', version: 4, view: null });
}, 30_000);

test('without views above their source a repair leaves nothing, and few requests are needed', async () => {
  const rows = differingRows().filter(({ id }) => !id.startsWith('above_'));
  const source = known();
  for (const id of plantedIds('above')) source.delete(id);
  const world = await auditWorld(source, rows);
  const report = await world.repaired({ sample: 0 });
  expect(report.repair).toEqual({ repaired: 60, withheld: 0, left: [], failures: [] });
  expect(isClean(report)).toBe(true);
  expect(report.requests).toBe(world.source.requests());
  expect(report.requests).toBeLessThan(25);
}, 30_000);

test('a sample is drawn by its seed, and finds the damage that it meets', async () => {
  const names = Array.from({ length: 5_000 }, (_, n) => `s${n}`);
  const source = new Map<string, Known>(names.map((name) => [name, { version: 1, name }]));
  const rows = names.map((id) => ({ id, version: 1, view: { title: 'damaged' } }));
  const world = await auditWorld(source, rows);
  const idsOf = async (seed: number) =>
    (await world.audit({ sample: 100, seed, tries: 1 })).findings.map(({ id }) => id);
  const [first, same, other] = [await idsOf(1), await idsOf(1), await idsOf(2)];
  expect([new Set(first).size, first]).toEqual([100, same]);
  expect(first).not.toEqual(other);
  // By chance a half of them lies in either half; 5 sigma is 25.
  const late = first.filter((id) => names.indexOf(id) >= 2_500).length;
  expect(Math.abs(late - 50)).toBeLessThan(25);
});
