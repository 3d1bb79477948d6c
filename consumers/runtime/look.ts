import * as z from 'zod/mini';
import { firstIssue } from '../../contracts/issues.ts';
import type { Want } from '../../contracts/source-api.ts';
import type { Consumer } from './define-consumer.ts';
import type { Ring } from './inbox.ts';
import type { FaultCode } from './queue.ts';
import type { Look, SourceClient } from './source-client.ts';
import type { ViewRow, ViewStore } from './view-store.ts';

/** All rings in hand for one shop: they are answered by one look. */
export type Visit = { id: string; rings: readonly Ring[] };

/** What a look means for the rings that caused it. */
export type Verdict =
  /**
   * The source showed `version`, and it is in the view. `held` is what the view had before; `looked` tells a look
   * from a skip.
   */
  | { kind: 'covered'; version: number; held: number; written: boolean; looked: boolean; gone: boolean }
  | { kind: 'poison'; reason: FaultCode; status?: number; detail: string };

/** What looking at shops needs. */
export type LookDeps<Shop, View> = {
  consumer: Consumer<Shop, View>;
  source: Pick<SourceClient<Shop>, 'look'>;
  store: ViewStore<View>;
};

/** The view could not be written, as when the disk is full: nothing may be deleted from the queue. */
export class StoreFailed extends Error {
  override name = 'StoreFailed';
}

/**
 * Looks at shops once: skips those whose view is as new as their rings, fetches the others in one call, checks
 * and projects each answer, and writes what is newer in one transaction. One verdict per visit, in order.
 * Throws SourceUnavailable or StoreFailed.
 */
export async function lookAtShops<Shop, View>(
  visits: readonly Visit[],
  { consumer, source, store }: LookDeps<Shop, View>,
  signal: AbortSignal,
): Promise<Verdict[]> {
  const stored = await store.versions(visits.map(({ id }) => id)).catch(storeFailed);
  const held = (id: string) => stored.get(id) ?? 0;
  const wants = visits.map((visit) => wantOf(visit, held(visit.id)));
  const open = wants.filter((want) => want !== null);
  const looks = open.length === 0 ? [] : await source.look(open, signal);
  const found = new Map(open.map(({ id }, n) => [id, toRow(consumer, id, looks[n] as Look<Shop>)]));
  const rows = [...found.values()].flatMap(({ row }) => (row && row.version > held(row.id) ? [row] : []));
  const flags = await store.write(rows).catch(storeFailed);
  const written = new Set(rows.filter((_, n) => flags[n]).map(({ id }) => id));
  return visits.map(({ id }): Verdict => {
    const result = found.get(id);
    if (result === undefined)
      return { kind: 'covered', version: held(id), held: held(id), written: false, looked: false, gone: false };
    return result.verdict.kind === 'poison'
      ? result.verdict
      : { ...result.verdict, held: held(id), written: written.has(id) };
  });
}

/** What to ask for; null if the stored view covers every ring already. A ring without a version must be looked at. */
function wantOf({ id, rings }: Visit, stored: number): Want | null {
  const versions = rings.map(({ version }) => version ?? Infinity);
  const newest = Math.max(...versions);
  if (newest <= stored) return null;
  return { id, ...(newest < Infinity && { minVersion: newest }), ...(stored > 0 && { have: stored }) };
}

type Result<View> = { verdict: Verdict; row: ViewRow<View> | null };

function toRow<Shop, View>(consumer: Consumer<Shop, View>, id: string, look: Look<Shop>): Result<View> {
  const covered = (version: number, gone = false): Verdict => ({
    kind: 'covered',
    version,
    held: 0,
    written: false,
    looked: true,
    gone,
  });
  if (look.kind === 'found') return project(consumer, id, look.version, look.shop, covered(look.version));
  if (look.kind === 'gone')
    return { verdict: covered(look.version, true), row: { id, version: look.version, view: null } };
  if (look.kind === 'refused') return poison(look.error.code, look.error.message, look.error.status);
  // Missing, failing or behind covers what it covers: the rings above it are stale, not poison.
  return { verdict: covered('version' in look ? look.version : 0), row: null };
}

function project<Shop, View>(
  { project, view: schema }: Consumer<Shop, View>,
  id: string,
  version: number,
  shop: Shop,
  verdict: Verdict,
): Result<View> {
  let projected: View;
  try {
    projected = project(shop, id);
  } catch (error) {
    return poison('projection-failed', `project threw: ${error instanceof Error ? error.message : String(error)}`);
  }
  const view = z.safeParse(schema, projected);
  if (view.success) return { verdict, row: { id, version, view: view.data } };
  return poison('view-invalid', firstIssue(view.error));
}

function poison(reason: FaultCode, detail: string, status?: number): { verdict: Verdict; row: null } {
  return { verdict: { kind: 'poison', reason, detail, ...(status !== undefined && { status }) }, row: null };
}

function storeFailed(cause: unknown): never {
  throw new StoreFailed(cause instanceof Error ? cause.message : String(cause), { cause });
}
