import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Look, SourceClient } from '../../../consumers/runtime/source/client.ts';
import type { ViewRow, ViewStore } from '../../../consumers/runtime/views/view-store.ts';
import { BATCH_LIMIT } from '../../../contracts/wire/source-api.ts';
import { chunksOf } from '../chunks.ts';
import { expectedRow } from '../verify/expected.ts';
import type { ViewFinding } from './judge.ts';

/** Source and views of a repair. */
export type RepairDeps = {
  consumer: Consumer;
  source: Pick<SourceClient<unknown>, 'look'>;
  store: Pick<ViewStore<unknown>, 'write' | 'refusal'> & {
    replace: (rows: readonly ViewRow<unknown>[]) => Promise<boolean[]>;
  };
  signal: AbortSignal;
};

/** 10 %, and at least 10 views: a source that answers wrongly for many must not empty a store. */
const MOST_EMPTIED = { share: 0.1, atLeast: 10 };

/**
 * Looks at the views that differ, and writes what the source shows. A write never goes backwards: a view above its
 * source stays as it is. A damaged view is replaced at its own version. A ghost becomes a tombstone of its own version.
 * Returns the number of findings that were left because the repair would have emptied too many of all `views`.
 */
export async function repair(findings: readonly ViewFinding[], views: number, deps: RepairDeps): Promise<number> {
  const open = findings.filter(({ kind }) => kind !== 'above');
  const emptied = open.filter(({ empties }) => empties).length;
  const isMany = emptied > Math.max(MOST_EMPTIED.atLeast, views * MOST_EMPTIED.share);
  const allowed = isMany ? open.filter(({ empties }) => !empties) : open;
  for (const some of chunksOf(allowed, BATCH_LIMIT)) await repairSome(some, deps);
  return open.length - allowed.length;
}

async function repairSome(findings: readonly ViewFinding[], deps: RepairDeps): Promise<void> {
  deps.signal.throwIfAborted();
  const looks = await deps.source.look(findings.map(wantOf), deps.signal);
  const rows = findings.map((finding, n) => rowOf(finding, looks[n] as Look<unknown>, deps));
  const known = rows.filter((row) => row !== null);
  const flags = await deps.store.write(known);
  // As new as the view: `write` passes over it.
  await deps.store.replace(known.filter((_, n) => !flags[n]));
}

/** Asks for the version of a ghost, so that a replica does not say that it never heard of it. */
function wantOf({ id, kind, view }: ViewFinding): { id: string; minVersion?: number } {
  return kind === 'ghost' && view !== null ? { id, minVersion: view } : { id };
}

/** Makes the row to write; null where the source shows none, or where the store can't take it. */
function rowOf(finding: ViewFinding, look: Look<unknown>, { consumer, store }: RepairDeps): ViewRow<unknown> | null {
  const { id, kind, view } = finding;
  if (look.kind === 'missing') return kind === 'ghost' && view !== null ? { id, version: view, view: null } : null;
  const expected = expectedRow(consumer, id, look);
  const row = 'reason' in expected ? undefined : expected.row;
  return row === undefined || (store.refusal?.(row) ?? null) !== null ? null : row;
}
