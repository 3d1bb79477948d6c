import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Look, SourceClient } from '../../../consumers/runtime/source/client.ts';
import type { Clock } from '../../../consumers/runtime/system.ts';
import type { ViewRow, ViewStore } from '../../../consumers/runtime/views/view-store.ts';
import { BATCH_LIMIT } from '../../../contracts/wire/source-api.ts';
import { chunksOf } from '../chunks.ts';
import { type ExpectedRow, expectedRow, type Failure } from '../verify/expected.ts';
import { hasMoved, judgeView, type ViewFinding, type ViewVerdict } from './judge.ts';

/** Source and views that are compared. `consumer` is null where only its agreement is known. */
export type SettleDeps = {
  consumer: Consumer | null;
  source: Pick<SourceClient<unknown>, 'look'>;
  store: Pick<ViewStore<unknown>, 'read' | 'versions'>;
  clock: Pick<Clock, 'sleep'>;
  signal: AbortSignal;
};

/** How often views that differ are compared, and the milliseconds between: changes may be on their way. */
export type Rechecks = { tries: number; wait: number };

/** What still differs at the end. `asleep` counts views of an older version that show the same as their source. */
export type Settled = { findings: ViewFinding[]; failures: Failure[]; asleep: number };

/** Compares views with their source, and those that differ again, until none does or the tries are used up. */
export async function settle(ids: readonly string[], deps: SettleDeps, { tries, wait }: Rechecks): Promise<Settled> {
  let settled = await compareAll(ids, deps, new Map());
  let asleep = settled.asleep;
  for (let n = 1; n < tries && settled.findings.length + settled.failures.length > 0; n++) {
    await deps.clock.sleep(wait, deps.signal);
    const before = new Map(settled.findings.map((finding) => [finding.id, finding]));
    settled = await compareAll(idsOf(settled), deps, before);
    asleep += settled.asleep;
  }
  return { ...settled, asleep };
}

/** Lists the ids of all that differ or can't be compared. */
export function idsOf({ findings, failures }: Pick<Settled, 'findings' | 'failures'>): string[] {
  return [...findings, ...failures].map(({ id }) => id);
}

async function compareAll(
  ids: readonly string[],
  deps: SettleDeps,
  before: ReadonlyMap<string, ViewFinding>,
): Promise<Settled> {
  const settled: Settled = { findings: [], failures: [], asleep: 0 };
  for (const some of chunksOf(ids, BATCH_LIMIT)) {
    deps.signal.throwIfAborted();
    for (const verdict of await compare(some, deps)) {
      if (verdict.kind === 'asleep') settled.asleep++;
      if (verdict.kind === 'failed') settled.failures.push(verdict.failure);
      if (verdict.kind === 'differs' && !hasMoved(before.get(verdict.finding.id), verdict.finding))
        settled.findings.push(verdict.finding);
    }
  }
  return settled;
}

async function compare(
  ids: readonly string[],
  { consumer, source, store, signal }: SettleDeps,
): Promise<ViewVerdict[]> {
  const views = await readViews(ids, store);
  const wants = ids.map((id) => wantOf(id, views.get(id)));
  const looks = await source.look(wants, signal);
  return ids.map((id, n) => {
    const look = looks[n] as Look<unknown>;
    const expected = consumer === null ? versionOf(id, look) : expectedRow(consumer, id, look);
    return judgeView(look, expected, views.get(id), consumer !== null);
  });
}

/** Asks for the version of the view, so that a replica that lags does not answer with less. */
function wantOf(id: string, view: ViewRow<unknown> | undefined): { id: string; minVersion?: number } {
  return view === undefined ? { id } : { id, minVersion: view.version };
}

/** Keeps the version of an answer where no projection is known. The content stands for any. */
function versionOf(id: string, look: Look<unknown>): ExpectedRow {
  if (look.kind === 'found') return { id, row: { id, version: look.version, view: {} } };
  if (look.kind === 'gone') return { id, row: { id, version: look.version, view: null } };
  if (look.kind === 'refused') return { id, reason: look.error.message };
  if (look.kind === 'failed') return { id, reason: look.reason };
  return { id, row: undefined };
}

type Views = Map<string, ViewRow<unknown>>;

/** Reads views. One whose text is no JSON any more would make the reading of all fail: then each is read by itself. */
async function readViews(ids: readonly string[], store: SettleDeps['store']): Promise<Views> {
  try {
    return new Map((await store.read(ids)).map((row) => [row.id, row]));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const [id = '', ...more] = ids;
    if (more.length === 0) return unreadable(id, store);
    const views: Views = new Map();
    for (const one of ids) for (const [, row] of await readViews([one], store)) views.set(one, row);
    return views;
  }
}

async function unreadable(id: string, store: SettleDeps['store']): Promise<Views> {
  const version = (await store.versions([id])).get(id);
  return new Map(version === undefined ? [] : [[id, { id, version, view: '(no JSON)' }]]);
}
