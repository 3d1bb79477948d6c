import * as z from 'zod/mini';
import { firstIssue } from '../../../contracts/wire/issues.ts';
import type { Want } from '../../../contracts/wire/source-api.ts';
import type { Consumer } from '../define-consumer.ts';
import type { Observe } from '../queue/events.ts';
import type { DeadLetter } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';
import type { Look, SourceClient } from '../source/client.ts';
import type { ViewRow, ViewStore } from '../views/view-store.ts';
import type { Shown } from './closings.ts';
import type { KnownVersions } from './known-versions.ts';
import { lastRead } from './last-read.ts';

/** All rings in hand for one resource: they are answered by one look. */
export type RefreshRequest = { id: string; rings: readonly Ring[] };

/** Result of a look for the rings that caused it. */
export type RefreshResult =
  /**
   * The source showed `version`, and it is in the view; 0 if it showed nothing. `held` is what the view had before;
   * `looked` tells a look from a skip.
   */
  | { kind: 'covered'; version: number; held: number; written: boolean; looked: boolean; gone: boolean }
  | ({ kind: 'poison' } & Omit<DeadLetter, 'message'>);

/** The methods of a store that a look needs. */
export type LookStore<View> = Pick<ViewStore<View>, 'versions' | 'read' | 'write' | 'refusal'>;

/** Dependencies of looking at resources. */
export type LookDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  source: Pick<SourceClient<Resource>, 'look'>;
  store: LookStore<View>;
  known: KnownVersions;
  observe: Observe;
  /** Holds where too many views would be closed; missing where nothing can hold. */
  brake?: LookBrake | undefined;
};

/** The questions of a look to the brake. Both throw Held while the consumer holds. */
export type LookBrake = {
  /** Asked before the source is. */
  check: () => void;
  /** Asked before rows are written. `shown`: resources that the source has shown. Throws StoreFailed, too. */
  admit: (shown: readonly Shown[], rows: readonly ViewRow<unknown>[]) => Promise<void>;
};

/** The view could not be written, as when the disk is full: nothing may be deleted from the queue. */
export class StoreFailed extends Error {
  override name = 'StoreFailed';
}

/**
 * Looks at resources once: skips those whose view is as new as their rings, fetches the others in one call, checks
 * and projects each answer, and writes what is newer in one call. One result per request, in order.
 * Throws SourceUnavailable, StoreFailed or Held.
 */
export async function lookAtResources<Resource, View>(
  requests: readonly RefreshRequest[],
  { consumer, source, store, known, observe, brake }: LookDeps<Resource, View>,
  signal: AbortSignal,
): Promise<RefreshResult[]> {
  brake?.check();
  const stored = await store.versions(requests.map(({ id }) => id)).catch(storeFailed);
  const held = (id: string) => stored.get(id) ?? 0;
  const wants = requests.map((request) => wantOf(request, held(request.id)));
  const open = wants.filter((want) => want !== null);
  const looks = await lookFor(open, held, source, signal);
  for (const [n, { id }] of open.entries()) {
    const look = looks[n];
    if (look?.kind === 'failed') observe({ kind: 'not-shown', id, reason: look.reason });
  }
  const found = new Map(open.map(({ id }, n) => [id, toRow({ consumer, store }, id, looks[n] as Look<Resource>)]));
  // Another worker has a resource whose leases were all lost meanwhile. Its answer covers no ring of ours.
  const lost = new Set(requests.filter(({ rings }) => rings.length === 0).map(({ id }) => id));
  const kept = requests.filter(({ id }) => !lost.has(id)).flatMap(({ id }) => found.get(id)?.row ?? []);
  const rows = kept.filter((row) => row.version > held(row.id));
  await brake?.admit(shownBy(open, looks), rows);
  const flags = await store.write(rows).catch(storeFailed);
  const written = new Set(rows.filter((_, n) => flags[n]).map(({ id }) => id));
  // As new as what is stored, by what was read before or by what the store says now.
  const unwritten = kept.filter((row) => row.version >= held(row.id) && !written.has(row.id));
  await reportConflicts(unwritten, store, observe);
  for (const [id, version] of stored) known.learn(id, version);
  for (const { id, version } of rows) known.learn(id, version);
  return requests.map(({ id }): RefreshResult => {
    const result = found.get(id);
    if (result === undefined || lost.has(id))
      return { kind: 'covered', version: held(id), held: held(id), written: false, looked: false, gone: false };
    return result.result.kind === 'poison'
      ? result.result
      : { ...result.result, held: held(id), written: written.has(id) };
  });
}

/**
 * Asks for what was rung. A source that has not seen that yet, but more than we have, is asked for what there is: the
 * view gets as new as it can, and only the rings above that stay stale (rule 6).
 */
async function lookFor<Resource>(
  wants: readonly Want[],
  held: (id: string) => number,
  source: Pick<SourceClient<Resource>, 'look'>,
  signal: AbortSignal,
): Promise<Look<Resource>[]> {
  if (wants.length === 0) return [];
  const looks = await source.look(wants, signal);
  const isProgress = (look: Look<Resource> | undefined, id: string) =>
    look?.kind === 'behind' && look.version > held(id);
  const again = wants.filter(({ id }, n) => isProgress(looks[n], id));
  if (again.length === 0) return looks;
  const found = await source.look(
    again.map(({ id, have }) => ({ id, ...(have !== undefined && { have }) })),
    signal,
  );
  return looks.map((look, n) => found[again.indexOf(wants[n] as Want)] ?? look);
}

/** Reports other content under a stored version: the source broke its word, and either content may be right. */
async function reportConflicts<View>(rows: ViewRow<View>[], store: LookStore<View>, observe: Observe): Promise<void> {
  if (rows.length === 0) return;
  const stored = new Map((await store.read(rows.map(({ id }) => id)).catch(storeFailed)).map((row) => [row.id, row]));
  for (const { id, version, view } of rows) {
    const other = stored.get(id);
    if (other?.version === version && JSON.stringify(other.view) !== JSON.stringify(view))
      observe({ kind: 'conflict', id, version });
  }
}

/** The question to the source; null if the stored view covers every ring. A ring without a version always asks. */
function wantOf({ id, rings }: RefreshRequest, stored: number): Want | null {
  const versions = rings.map(({ version }) => version ?? Infinity);
  const newest = Math.max(...versions);
  if (newest <= stored) return null;
  return { id, ...(newest < Infinity && { minVersion: newest }), ...(stored > 0 && { have: stored }) };
}

/** The resources that the source has shown, and whether they are gone. */
function shownBy<Resource>(wants: readonly Want[], looks: readonly Look<Resource>[]): Shown[] {
  return wants.flatMap(({ id }, n) => {
    const { kind } = looks[n] as Look<Resource>;
    return kind === 'found' || kind === 'gone' || kind === 'unchanged' ? [{ id, gone: kind === 'gone' }] : [];
  });
}

type Result<View> = { result: RefreshResult; row: ViewRow<View> | null };

type Projecting<Resource, View> = { consumer: Consumer<Resource, View>; store: Pick<ViewStore<View>, 'refusal'> };

function toRow<Resource, View>(deps: Projecting<Resource, View>, id: string, look: Look<Resource>): Result<View> {
  const covered = (version: number, gone = false): RefreshResult => ({
    kind: 'covered',
    version,
    held: 0,
    written: false,
    looked: true,
    gone,
  });
  if (look.kind === 'found') return project(deps, id, look, covered(look.version));
  if (look.kind === 'gone')
    return { result: covered(look.version, true), row: { id, version: look.version, view: null } };
  if (look.kind === 'refused')
    return poison({
      reason: look.error.code,
      status: look.error.status,
      detail: look.error.message,
      ...(look.error.field !== undefined && { field: look.error.field }),
    });
  if (look.kind === 'unchanged') return { result: covered(look.version), row: null };
  // Missing, failing or behind shows nothing, so it covers nothing: its rings are stale, not poison.
  return { result: covered(0), row: null };
}

function project<Resource, View>(
  { consumer: { project, view: schema }, store }: Projecting<Resource, View>,
  id: string,
  { version, resource }: { version: number; resource: Resource },
  result: RefreshResult,
): Result<View> {
  let projected: View;
  try {
    projected = project(resource, id);
  } catch (thrown) {
    const exception = thrown instanceof Error ? thrown : new Error(String(thrown));
    const field = lastRead((each: Resource) => project(each, id), resource);
    const where = field === null ? {} : { field };
    return poison({ reason: 'projection-failed', version, detail: threw(exception, field), exception, ...where });
  }
  const view = z.safeParse(schema, projected);
  if (!view.success)
    return poison({ reason: 'view-invalid', version, detail: firstIssue(view.error), ...fieldOf(view.error) });
  const row = { id, version, view: view.data };
  // It alone: a store that were given it would refuse its neighbours with it, again and again.
  const refusal = store.refusal?.(row) ?? null;
  return refusal === null ? { result, row } : poison({ reason: 'view-invalid', version, detail: refusal });
}

const threw = (exception: Error, field: string | null) =>
  `project threw ${exception}${field === null ? '' : `; the last field that it read is ${field}`}`;

function fieldOf(error: z.core.$ZodError): { field?: string } {
  const path = error.issues[0]?.path.join('.') ?? '';
  return path === '' ? {} : { field: path };
}

function poison(result: Omit<RefreshResult & { kind: 'poison' }, 'kind'>): { result: RefreshResult; row: null } {
  return { result: { kind: 'poison', ...result }, row: null };
}

function storeFailed(cause: unknown): never {
  throw new StoreFailed(cause instanceof Error ? cause.message : String(cause), { cause });
}
