import type { Look } from '../../../consumers/runtime/source/client.ts';
import type { ViewRow } from '../../../consumers/runtime/views/view-store.ts';
import { compareView, type ViewDifference } from '../verify/compare.ts';
import type { ExpectedRow, Failure } from '../verify/expected.ts';

/**
 * Kinds of differences. `older`: the view is behind its source. `missing`: there is no view. `ghost`: there is a view
 * of what the source never heard of. `above`: the view has a version above its source's. `content`: the version is
 * right, and the view is not.
 */
export const kinds = ['older', 'missing', 'ghost', 'above', 'content'] as const;

/** A kind of difference. */
export type Kind = (typeof kinds)[number];

/**
 * A view that differs from its source. `source` and `view` are versions, null where a side has none. `differences` are
 * the fields; none where only versions are compared. `empties` is true if a repair removes the content of the view.
 */
export type ViewFinding = {
  id: string;
  kind: Kind;
  source: number | null;
  view: number | null;
  empties: boolean;
  differences: Omit<ViewDifference, 'id'>[];
};

/** The result for one view. `asleep`: its version is older, and nothing else: no event since wakes the consumer. */
export type ViewVerdict =
  | { kind: 'equal' }
  | { kind: 'asleep' }
  | { kind: 'differs'; finding: ViewFinding }
  | { kind: 'failed'; failure: Failure };

type Row = ViewRow<unknown> | undefined;

const EQUAL: ViewVerdict = { kind: 'equal' };

/**
 * Compares an answer of the source, and the view that follows from it, with the stored view. `hasContents` is false
 * where no projection is known: then versions decide. Pure.
 */
export function judgeView(look: Look<unknown>, expected: ExpectedRow, view: Row, hasContents: boolean): ViewVerdict {
  // The source was asked for the version of the view.
  if (look.kind === 'behind') return view === undefined ? EQUAL : judgeBehind(look.version, view);
  if ('reason' in expected) return { kind: 'failed', failure: expected };
  const { id, row } = expected;
  if (row !== undefined && view !== undefined && view.version <= row.version) return judgeRow(row, view, hasContents);
  const kind = kindByVersions(row, view);
  return kind === null ? EQUAL : differs(kind, id, row, view);
}

/** Returns the kind where one side has no row, or the view is above. Null: a tombstone shows nothing, nor does none. */
function kindByVersions(row: Row, view: Row): Kind | null {
  if (row !== undefined && view !== undefined) return 'above';
  if ((view ?? row)?.view === null) return null;
  if (view !== undefined) return 'ghost';
  return row === undefined ? null : 'missing';
}

function judgeRow(row: ViewRow<unknown>, view: ViewRow<unknown>, hasContents: boolean): ViewVerdict {
  const isOlder = view.version < row.version;
  const differences = hasContents ? compareView(row.id, row, view) : [];
  const isOther = hasContents ? differences.length > 0 : (row.view === null) !== (view.view === null);
  if (isOther) return differs(isOlder ? 'older' : 'content', row.id, row, view, differences);
  if (!isOlder) return EQUAL;
  return hasContents || row.view === null ? { kind: 'asleep' } : differs('older', row.id, row, view);
}

function differs(kind: Kind, id: string, row: Row, view: Row, found: readonly ViewDifference[] = []): ViewVerdict {
  const isLiving = view !== undefined && view.view !== null;
  const empties = kind !== 'above' && isLiving && (row === undefined || row.view === null);
  const differences = found.map(({ field, source, view }) => ({ field, source, view }));
  const [source, held] = [row?.version ?? null, view?.version ?? null];
  return { kind: 'differs', finding: { id, kind, source, view: held, empties, differences } };
}

/** Judges a view whose version the source has not reached. Version 0: a replica that has never heard of it. */
function judgeBehind(source: number, { id, version }: ViewRow<unknown>): ViewVerdict {
  if (source === 0) return { kind: 'failed', failure: { id, reason: 'the source has not seen its version yet' } };
  return { kind: 'differs', finding: { id, kind: 'above', source, view: version, empties: false, differences: [] } };
}

/**
 * Tells whether a difference is another one than before, because the view went on meanwhile: it has what the source
 * showed then, or the source has what the view had. A busy resource differs at each comparison, and is no finding. Pure.
 */
export function hasMoved(before: ViewFinding | undefined, now: ViewFinding): boolean {
  if (now.kind === 'older') return (now.view ?? 0) >= (before?.source ?? Infinity);
  return now.kind === 'above' && (now.source ?? 0) >= (before?.view ?? Infinity);
}

/** Counts findings by their kind. */
export function countsOf(findings: readonly ViewFinding[]): Record<Kind, number> {
  const counts = { older: 0, missing: 0, ghost: 0, above: 0, content: 0 };
  for (const { kind } of findings) counts[kind]++;
  return counts;
}
