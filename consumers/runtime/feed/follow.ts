import type { SourceClient } from '../source/client.ts';
import type { ProgressStore } from '../views/progress-store.ts';
import { createGather, type Gathered } from './gather.ts';
import { FOLLOW_LIMITS, type FollowLimits } from './limits.ts';
import { createMissed, type MissedDeps } from './missed.ts';
import { isLive, type Progress, readProgress } from './progress.ts';
import type { Refill } from './refill.ts';
import { createRestraint } from './restraint.ts';

/** Dependencies of following a feed. */
export type FollowDeps = MissedDeps & {
  source: Pick<SourceClient<unknown>, 'changes'>;
  progress: ProgressStore;
  /** Brings one page of all resources into the views. */
  refill: Refill;
  limits?: Partial<FollowLimits>;
};

/** 500 ms: a source that answers earlier with nothing does not hold questions. */
const HELD = 500;

/** A follower that runs. */
export type Follower = { stopped: Promise<void> };

/**
 * Follows the feed of a source beside the queue, until the signal aborts. A change whose view is as new is passed over.
 * One that was not rung in time is looked at. The cursor moves when all changes before it are in the views.
 */
export function startFollower(input: FollowDeps, signal: AbortSignal): Follower {
  const deps = { ...input, limits: { ...FOLLOW_LIMITS, ...input.limits } };
  const { clock, limits, observe } = deps;
  const holder = `${clock.now().toString(36)}-${clock.random().toString(36).slice(2)}`;
  const follow = followerOf(deps, holder, signal);

  async function run(): Promise<void> {
    while (!signal.aborted) {
      await deps.whenReady(signal);
      const isBehind = await follow().catch((error: Error) => {
        if (!signal.aborted) observe({ kind: 'follow-failed', reason: error.message });
        return false;
      });
      // Spread, so that the consumers of a source do not ask all at once.
      if (!isBehind) await clock.sleep(limits.every * (0.8 + 0.4 * clock.random()), signal);
    }
    await deps.progress.release(holder).catch(() => undefined);
  }
  return { stopped: run() };
}

type Deps = FollowDeps & { limits: FollowLimits };

/** Makes one step: a question and all that comes of it. True if there is more to read now. */
function followerOf(deps: Deps, holder: string, signal: AbortSignal): () => Promise<boolean> {
  const { source, progress, store, poison, clock, limits, observe } = deps;
  const lookAtMissed = createMissed(deps, signal);
  const gather = createGather(deps, signal);
  const restraint = createRestraint(limits.every, limits.pages);
  let pagesReadAt = Number.NEGATIVE_INFINITY;
  let saidNoFeed = false;

  /** Keeps the progress. Throws if another worker has the lease. */
  async function keep(next: Progress): Promise<void> {
    const kept = poison?.all() ?? [];
    const text = JSON.stringify(kept.length === 0 ? next : { ...next, poison: kept });
    if (!(await progress.keep(holder, limits.lease, text))) throw new Error('another worker follows the feed');
  }

  /** Begins at the end of the feed. All that came before is read in pages. */
  async function begin(before: Progress | null): Promise<boolean> {
    const answer = await source.changes({}, signal);
    const cursor = answer.kind === 'changes' ? answer.next : null;
    if (cursor === null && !saidNoFeed) observe({ kind: 'no-feed' });
    saidNoFeed = cursor === null;
    // Of another log, their versions may never come.
    const late = (before?.late ?? []).map(([id]): [string, number] => [id, 0]);
    await keep({ cursor, late, isLive: isLive(before), refill: { after: '', resources: 0 } });
    return true;
  }

  async function readPage(now: Progress, refill: NonNullable<Progress['refill']>): Promise<boolean> {
    const { next, resources: read, notShown } = await deps.refill(refill.after, signal);
    const resources = refill.resources + read;
    const late = [...new Map([...notShown.map(({ id, version }) => [id, version] as const), ...now.late])];
    const rest = next === null ? { isLive: true } : { isLive: isLive(now), refill: { after: next, resources } };
    await keep({ cursor: now.cursor, late, ...rest });
    if (next === null) pagesReadAt = clock.now();
    observe({ kind: next === null ? 'refilled' : 'refilling', resources });
    return true;
  }

  async function readChanges(now: Progress, after: string): Promise<boolean> {
    const asked = clock.now();
    const answer = await gather(after);
    if (answer.kind === 'start-over' && !restraint.mayStartOver(clock.now())) return false;
    if (answer.kind === 'start-over') observe({ kind: 'feed-lost', why: answer.why });
    if (answer.kind !== 'changes') return begin(now);
    if (!(await apply(now, answer))) return false;
    const isHeld = answer.changes.length > 0 || clock.now() - asked >= HELD;
    // A source that does not hold the question is not asked without a pause.
    return answer.isBehind || (limits.wait > 0 && isHeld);
  }

  /** Looks at what was missed, and keeps the cursor. False if it was stopped before. */
  async function apply(now: Progress, { changes, cursors, isBehind }: Gathered): Promise<boolean> {
    const { late, oldest } = await lookAtMissed(new Map(now.late), changes);
    if (signal.aborted) return false;
    poison?.heal(await store.versions(poison.ids()));
    const next = cursors.at(-1) ?? now.cursor;
    if (isOther(now, next, late)) await keep({ cursor: next, late: [...late], isLive: isLive(now) });
    const since = oldest ?? (isBehind ? (changes.at(-1)?.occurredAt ?? null) : null);
    observe({ kind: 'followed', changes: changes.length, late: late.size, isBehind, since });
    for (const [n, cursor] of cursors.entries()) restraint.reached(cursor, isBehind || n < cursors.length - 1);
    return true;
  }

  return async () => {
    const leased = await progress.lease(holder, limits.lease);
    if (leased === null) return false;
    const now = readProgress(leased.kept);
    poison?.load(now?.poison ?? []);
    if (now === null) return begin(null);
    if (now.refill !== undefined) return readPage(now, now.refill);
    if (now.cursor !== null) return readChanges(now, now.cursor);
    return clock.now() - pagesReadAt >= limits.pages ? begin(now) : false;
  };
}

/** True if this is not what was kept, as far as it is worth a write. */
const isOther = ({ cursor, late }: Progress, next: string | null, stillLate: ReadonlyMap<string, number>): boolean =>
  next !== cursor || stillLate.size > 0 || late.length > 0;
