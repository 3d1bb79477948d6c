import type { Observe } from '../queue/events.ts';
import type { SourceClient } from '../source/client.ts';
import type { Clock } from '../system.ts';
import type { ProgressStore } from '../views/progress-store.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { FollowLimits } from './limits.ts';
import type { PoisonKeeper } from './poison.ts';
import { isLive, type Progress } from './progress.ts';
import type { Refill } from './refill.ts';

/** Keeps the progress. Throws if another worker has the lease. */
export type Keep = (next: Progress) => Promise<void>;

type KeepDeps = {
  progress: ProgressStore;
  store: Pick<ViewStore<unknown>, 'revision'>;
  poison?: PoisonKeeper;
  limits: FollowLimits;
};

/** Makes the keeping of progress. What can't be a view, and how views are made now, is always kept with it. */
export function createKeep({ progress, store, poison, limits }: KeepDeps, holder: string): Keep {
  return async (next) => {
    const kept = poison?.all() ?? [];
    const rest = { ...(kept.length > 0 && { poison: kept }), ...(store.revision && { revision: store.revision }) };
    const text = JSON.stringify({ ...next, ...rest });
    if (!(await progress.keep(holder, limits.lease, text))) throw new Error('another worker follows the feed');
  };
}

/** Dependencies of filling views by the pages of the source. */
export type FillingDeps = KeepDeps & {
  source: Pick<SourceClient<unknown>, 'changes'>;
  /** Brings one page of all resources into the views. */
  refill: Refill;
  clock: Clock;
  observe: Observe;
};

/** 1 s between two pages at most, while old views are served: no reader waits for the rest. */
const MOST_PAUSE = 1_000;

/** Makes the filling of views: all pages of the source, and then the changes since. */
export function createFilling(deps: FillingDeps, keep: Keep, signal: AbortSignal) {
  const { source, store, clock, limits, observe } = deps;
  let pagesReadAt = Number.NEGATIVE_INFINITY;
  let saidNoFeed = false;

  /** True where views are made in another way than those in the store. Not known of views of an older release. */
  const isRevised = ({ revision }: Progress) =>
    revision !== undefined && store.revision !== undefined && revision !== store.revision;

  return {
    /** True where all pages must be read: for another revision, and now and then where the source has no feed. */
    isDue(now: Progress): boolean {
      if (isRevised(now)) return true;
      return now.refill === undefined && now.cursor === null && clock.now() - pagesReadAt >= limits.pages;
    },
    /** Begins at the end of the feed. All that came before is read in pages. */
    async begin(before: Progress | null): Promise<boolean> {
      const again = before !== null && (isRevised(before) || before.refill?.again === true);
      if (before !== null && isRevised(before)) observe({ kind: 'revised', revision: store.revision ?? '' });
      const answer = await source.changes({}, signal);
      const cursor = answer.kind === 'changes' ? answer.next : null;
      if (cursor === null && !saidNoFeed) observe({ kind: 'no-feed' });
      saidNoFeed = cursor === null;
      // Of another log, their versions may never come.
      const late = (before?.late ?? []).map(([id]): [string, number] => [id, 0]);
      await keep({ cursor, late, isLive: isLive(before), refill: { after: '', resources: 0, again } });
      return true;
    },
    /** Reads one page. While old views are served, it then waits for as long as that took. */
    async readPage(now: Progress, refill: NonNullable<Progress['refill']>): Promise<boolean> {
      const began = clock.now();
      const { again = false } = refill;
      const { next, resources: read, notShown } = await deps.refill({ after: refill.after, again }, signal);
      const resources = refill.resources + read;
      const late = [...new Map([...notShown.map(({ id, version }) => [id, version] as const), ...now.late])];
      const wasLive = isLive(now);
      const rest = next === null ? { isLive: true } : { isLive: wasLive, refill: { after: next, resources, again } };
      await keep({ cursor: now.cursor, late, ...rest });
      if (next === null) pagesReadAt = clock.now();
      observe({ kind: next === null ? 'refilled' : 'refilling', resources });
      if (wasLive && next !== null) await clock.sleep(Math.min(MOST_PAUSE, clock.now() - began), signal);
      return true;
    },
  };
}
