import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Look } from '../../consumers/runtime/source/client.ts';
import type { ViewRow } from '../../consumers/runtime/views/view-store.ts';
import { openSqliteViewStore, repairSqliteViewStore } from '../../consumers/stores/sqlite/store.ts';
import { bucketsByPages } from '../../contracts/wire/digests.ts';
import type { Want } from '../../contracts/wire/source-api.ts';
import {
  type AuditDeps,
  type AuditOptions,
  auditConsumer,
  repairFindings,
} from '../../localstack/operate/audit/audit.ts';
import { smallConsumer } from './small-consumer.ts';

/** A resource of the source: its version, and its name; null if it is gone. */
export type Known = { version: number; name: string | null };

/** A source in memory that counts requests, and answers as our publisher does. */
export function countedSource(known: ReadonlyMap<string, Known>) {
  let requests = 0;
  const looks: (readonly Want[])[] = [];
  const answer = ({ id, minVersion = 0 }: Want): Look<unknown> => {
    const resource = known.get(id);
    if (resource === undefined) return { kind: 'missing' };
    const { version, name } = resource;
    if (version < minVersion) return { kind: 'behind', version };
    return name === null ? { kind: 'gone', version } : { kind: 'found', version, resource: { name } };
  };
  async function* pages() {
    yield [...known].map(([id, { version }]) => ({ id, version }));
  }
  return {
    requests: () => requests,
    looks,
    digests(prefixes: readonly string[]) {
      requests++;
      return bucketsByPages(prefixes, pages());
    },
    async look(wants: readonly Want[]) {
      requests++;
      looks.push(wants);
      return wants.map(answer);
    },
  };
}

/** A file of views beside a source, and the audit of both. `onSleep` is called at each wait; no time passes. */
export async function auditWorld(known: Map<string, Known>, rows: readonly ViewRow<unknown>[]) {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-audit-'));
  const file = join(folder, 'small.db');
  const first = openSqliteViewStore<unknown>(file, { title: 'title' });
  await first.write(rows);
  first.close();
  const store = repairSqliteViewStore<unknown>(file);
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true });
  });
  const source = countedSource(known);
  const waits: number[] = [];
  const world = { onSleep: async () => {} };
  const clock = {
    now: () => 1_000 * waits.length,
    async sleep(ms: number) {
      // 0 is the turn that findDrift gives to other work.
      if (ms === 0) return;
      waits.push(ms);
      await world.onSleep();
    },
  };
  const signal = new AbortController().signal;
  const deps = { consumer: smallConsumer as AuditDeps['consumer'], source, store, clock, signal, ...source };
  const patience: AuditOptions = { sample: 1_000, seed: 7, tries: 5, wait: 2_000 };
  const audit = (options: Partial<AuditOptions> = {}, more: Partial<AuditDeps> = {}) =>
    auditConsumer({ ...deps, ...more }, { ...patience, ...options });
  const repaired = async (options: Partial<AuditOptions> = {}) =>
    repairFindings(await audit(options), { ...deps, consumer: smallConsumer }, { ...patience, ...options });
  return Object.assign(world, { store, source, waits, file, audit, repaired });
}
