import { isLive, type Progress, readProgress } from '../../../consumers/runtime/feed/progress.ts';
import type { SourceClient } from '../../../consumers/runtime/source/client.ts';
import type { ProgressStore } from '../../../consumers/runtime/views/progress-store.ts';
import type { ViewStore } from '../../../consumers/runtime/views/view-store.ts';
import type { FeedChange } from '../../../contracts/wire/feed.ts';

/**
 * Changes that are not in the views, and the age of the oldest in seconds; null where that is not known, as of a change
 * that the source has not shown for long. `more`: there are more than were read.
 */
export type Behind = { changes: number; seconds: number | null; more: boolean };

/**
 * How far a consumer is behind its source.
 * - `live`: its views were filled.
 * - `filling`: it reads all pages of the source, `resources` so far.
 * - `not-followed`: it has never followed the feed, or its store is empty.
 * - `no-feed`: its source has no feed.
 * - `feed-lost`: changes after its cursor were removed, or the log of the source was replaced; it reads all pages next.
 */
export type Lag = {
  state: 'live' | 'filling' | 'not-followed' | 'no-feed' | 'feed-lost';
  resources: number | null;
  /** Null where it can't be known. */
  behind: Behind | null;
};

/** Source and views of a consumer. */
export type LagDeps = {
  source: Pick<SourceClient<unknown>, 'changes'>;
  store: Pick<ViewStore<unknown>, 'versions'> & { progress: Pick<ProgressStore, 'read'> };
  now: () => number;
  signal: AbortSignal;
};

/** 100 pages of 1,000 changes: a consumer that is farther behind is far behind. */
const MOST_PAGES = 100;

/** Reads the feed from the cursor of a consumer on, and counts what its views lack. Throws SourceUnavailable. */
export async function measureLag(deps: LagDeps): Promise<Lag> {
  const progress = readProgress(await deps.store.progress.read());
  const resources = progress?.refill?.resources ?? null;
  if (progress === null) return { state: 'not-followed', resources, behind: null };
  if (progress.cursor === null) return { state: 'no-feed', resources, behind: null };
  const behind = await behindOf(progress, progress.cursor, deps);
  if (behind === null) return { state: 'feed-lost', resources, behind };
  return { state: isLive(progress) ? 'live' : 'filling', resources, behind };
}

/** Counts late changes and those after the cursor; null if the source can't tell any more. */
async function behindOf({ late }: Progress, cursor: string, deps: LagDeps): Promise<Behind | null> {
  const { source, now, signal } = deps;
  let changes = (await unseen(late, deps)).length;
  let oldest = Number.POSITIVE_INFINITY;
  for (let [after, pages] = [cursor, 0]; ; pages++) {
    const answer = await source.changes({ after }, signal);
    if (answer.kind !== 'changes') return null;
    const known = answer.changes.map((change): [string, number, FeedChange] => [change.id, change.version, change]);
    const missing = await unseen(known, deps);
    changes += missing.length;
    for (const [, , { occurredAt = oldest }] of missing) oldest = Math.min(oldest, occurredAt);
    const more = answer.next !== answer.head && answer.next !== after;
    if (!more || pages === MOST_PAGES) return { changes, seconds: changes === 0 ? 0 : ageOf(oldest, now()), more };
    after = answer.next;
  }
}

/** The changes that the views do not show. */
async function unseen<Change extends readonly [id: string, version: number, ...unknown[]]>(
  changes: readonly Change[],
  { store }: Pick<LagDeps, 'store'>,
): Promise<Change[]> {
  const held = await store.versions([...new Set(changes.map(([id]) => id))]);
  return changes.filter(([id, version]) => (held.get(id) ?? 0) < version);
}

const ageOf = (oldest: number, now: number): number | null =>
  Number.isFinite(oldest) ? Math.max(0, now - oldest) / 1_000 : null;
