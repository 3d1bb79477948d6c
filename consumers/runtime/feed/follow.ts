import { createFilling, createKeep, type FillingDeps } from './filling.ts';
import { createGather, type Gathered } from './gather.ts';
import { FOLLOW_LIMITS, type FollowLimits } from './limits.ts';
import { createMissed, type MissedDeps } from './missed.ts';
import { isLive, type Progress, readProgress } from './progress.ts';
import { createRestraint } from './restraint.ts';

/** Dependencies of following a feed. */
export type FollowDeps = MissedDeps & Omit<FillingDeps, 'limits'> & { limits?: Partial<FollowLimits> };

/** 500 ms: a source that answers earlier with nothing does not hold questions. */
const HELD = 500;

/** A follower that runs. */
export type Follower = { stopped: Promise<void> };

/**
 * Follows the feed of a source beside the queue, until the signal aborts. A change whose view is as new is passed over.
 * A change that was not rung in time is looked at. The cursor moves when all changes before it are in the views.
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

/** Makes one step: a question, and the looks that follow from it. True if there is more to read now. */
function followerOf(deps: Deps, holder: string, signal: AbortSignal): () => Promise<boolean> {
  const { progress, store, poison, clock, limits, observe } = deps;
  const lookAtMissed = createMissed(deps, signal);
  const gather = createGather(deps, signal);
  const restraint = createRestraint(limits.every, limits.pages);
  const keep = createKeep(deps, holder);
  const filling = createFilling(deps, keep, signal);

  async function readChanges(now: Progress, after: string): Promise<boolean> {
    const asked = clock.now();
    const answer = await gather(after);
    if (answer.kind === 'start-over' && !restraint.mayStartOver(clock.now())) return false;
    if (answer.kind === 'start-over') observe({ kind: 'feed-lost', why: answer.why });
    if (answer.kind !== 'changes') return filling.begin(now);
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
    if (now === null || filling.isDue(now)) return filling.begin(now);
    if (now.refill !== undefined) return filling.readPage(now, now.refill);
    return now.cursor === null ? false : readChanges(now, now.cursor);
  };
}

/** True if this is not what was kept, so that a write is needed. */
const isOther = ({ cursor, late }: Progress, next: string | null, stillLate: ReadonlyMap<string, number>): boolean =>
  next !== cursor || stillLate.size > 0 || late.length > 0;
