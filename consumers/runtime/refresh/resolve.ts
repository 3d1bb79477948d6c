import type { Ring } from '../queue/ring.ts';
import type { RefreshResult } from './look.ts';

type Covered = RefreshResult & { kind: 'covered' };

/** Rings of one resource after an answer: done, not covered by it, and waiting for the next look. */
export type Resolved = { done: Ring[]; stale: Ring[]; waiting: Ring[] };

/**
 * Sorts the rings of one resource by an answer. `looking` are those that were in hand when the look began, `waiting`
 * those that came during it: they are answered only by a version that is at least theirs (rule 3). Pure.
 */
export function resolve({ version, held }: Covered, looking: readonly Ring[], waiting: readonly Ring[]): Resolved {
  // The view is at least this new by now, whatever the source showed.
  const isEarly = (ring: Ring) => ring.version !== undefined && ring.version <= Math.max(version, held);
  // Without a version, a ring is covered by whatever is no older than the view was; never by "not found" or "behind".
  const isCovered = (ring: Ring) => (ring.version === undefined ? version >= Math.max(1, held) : isEarly(ring));
  return {
    done: [...looking.filter(isCovered), ...waiting.filter(isEarly)],
    stale: looking.filter((ring) => !isCovered(ring)),
    waiting: waiting.filter((ring) => !isEarly(ring)),
  };
}
