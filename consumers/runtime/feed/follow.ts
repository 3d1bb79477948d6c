import type { Observe } from '../queue/events.ts';
import type { SourceClient } from '../source/client.ts';
import type { Clock } from '../system.ts';
import type { ProgressStore } from '../views/progress-store.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type KnownChange, type Progress, readProgress } from './progress.ts';
import type { Refill } from './refill.ts';
import { createRestraint } from './restraint.ts';

/** Dependencies of following a feed. */
export type FollowDeps = {
  source: Pick<SourceClient<unknown>, 'changes'>;
  progress: ProgressStore;
  store: Pick<ViewStore<unknown>, 'versions'>;
  /** Looks at resources as after a ring. Resolves with those that the source did not show at this version. */
  look: (changes: readonly KnownChange[], signal: AbortSignal) => Promise<KnownChange[]>;
  /** The version of a resource up to which rings were dead-lettered; 0 where none is known. */
  buried: (id: string) => number;
  /** Brings one page of all resources into the views. */
  refill: Refill;
  /** Resolves when source and store can be asked. */
  whenReady: (signal: AbortSignal) => Promise<void>;
  clock: Clock;
  observe: Observe;
  limits?: Partial<FollowLimits>;
};

/** Times in milliseconds, and numbers of changes. */
export type FollowLimits = {
  /** Time between two questions for changes, on average. */
  every: number;
  /** Time that the ring of a change may take. */
  grace: number;
  /** Time between two readings of all pages of a source without a feed. */
  pages: number;
  /** Changes in one answer. */
  changes: number;
};

/**
 * 30 s, so that what was never rung is found within a minute. 5 s of grace: a ring takes a tenth of a second, and a
 * queue that is deep some seconds more. An hour for pages, which cost a call for each hundred resources.
 */
export const FOLLOW_LIMITS: FollowLimits = { every: 30_000, grace: 5_000, pages: 3_600_000, changes: 1_000 };

/** 2 minutes without a sign of life: another worker follows then. */
const LEASE = 120_000;
/** 3 looks, 1 s apart at first; what the source does not show by then is asked for at each later question. */
const TRIES = 3;
const PAUSE = 1_000;
/** 1,000: more changes that the source does not show are a fault of the source, and the cursor waits for it. */
const MOST_LATE = 1_000;
/** 250 ms after an answer without changes that is not the end: the source has read 20 pages for it. */
const EMPTY_PAUSE = 250;

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
  const { source, progress, clock, limits, observe } = deps;
  const lookAtMissed = missedOf(deps, signal);
  const restraint = createRestraint(limits.every, limits.pages);
  let pagesReadAt = Number.NEGATIVE_INFINITY;
  let saidNoFeed = false;

  /** Keeps the progress. Throws if another worker has the lease. */
  async function keep(next: Progress): Promise<void> {
    if (!(await progress.keep(holder, LEASE, JSON.stringify(next)))) throw new Error('another worker follows the feed');
  }

  /** Begins at the end of the feed. All that came before is read in pages. */
  async function begin(before: Progress['late'] = []): Promise<boolean> {
    const answer = await source.changes({}, signal);
    const cursor = answer.kind === 'changes' ? answer.next : null;
    if (cursor === null && !saidNoFeed) observe({ kind: 'no-feed' });
    saidNoFeed = cursor === null;
    // Of another log, their versions may never come.
    const late = before.map(([id]): [string, number] => [id, 0]);
    await keep({ cursor, late, refill: { after: '', resources: 0 } });
    return true;
  }

  async function readPage(now: Progress, refill: NonNullable<Progress['refill']>): Promise<boolean> {
    const { next, resources: read, notShown } = await deps.refill(refill.after, signal);
    const resources = refill.resources + read;
    const late = [...new Map([...notShown.map(({ id, version }) => [id, version] as const), ...now.late])];
    await keep({ cursor: now.cursor, late, ...(next !== null && { refill: { after: next, resources } }) });
    if (next === null) pagesReadAt = clock.now();
    observe({ kind: next === null ? 'refilled' : 'refilling', resources });
    return true;
  }

  async function readChanges(now: Progress, after: string): Promise<boolean> {
    const answer = await source.changes({ after, limit: limits.changes }, signal);
    if (answer.kind === 'start-over' && !restraint.mayStartOver(clock.now())) return false;
    if (answer.kind === 'start-over') observe({ kind: 'feed-lost', why: answer.why });
    if (answer.kind !== 'changes') return begin(now.late);
    const { changes, next, head } = answer;
    const late = await lookAtMissed(new Map(now.late), newestOf(changes));
    if (signal.aborted) return false;
    if (isOther(now, next, late)) await keep({ cursor: next, late: [...late] });
    observe({ kind: 'followed', changes: changes.length, late: late.size });
    const isBehind = next !== head && next !== after;
    restraint.reached(next, isBehind);
    if (isBehind && changes.length === 0) await clock.sleep(EMPTY_PAUSE, signal);
    return isBehind;
  }

  return async () => {
    const leased = await progress.lease(holder, LEASE);
    if (leased === null) return false;
    const now = readProgress(leased.kept);
    if (now === null) return begin();
    if (now.refill !== undefined) return readPage(now, now.refill);
    if (now.cursor !== null) return readChanges(now, now.cursor);
    return clock.now() - pagesReadAt >= limits.pages ? begin() : false;
  };
}

/** True if this is not what was kept, as far as it is worth a write. */
const isOther = ({ cursor, late }: Progress, next: string, stillLate: ReadonlyMap<string, number>): boolean =>
  next !== cursor || stillLate.size > 0 || late.length > 0;

/** The newest version of each resource. */
function newestOf(changes: readonly KnownChange[]): Map<string, number> {
  const newest = new Map<string, number>();
  for (const { id, version } of changes) newest.set(id, Math.max(version, newest.get(id) ?? 0));
  return newest;
}

type Versions = Map<string, number>;

/** Makes the looks at what was missed. They resolve with what the source does not show yet. */
function missedOf({ store, look, buried, whenReady, clock, limits, observe }: Deps, signal: AbortSignal) {
  /** The changes whose views are older, and that did not become dead letters. */
  async function older(changes: Versions): Promise<Versions> {
    if (changes.size === 0) return changes;
    const held = await store.versions([...changes.keys()]);
    const isOpen = ([id, version]: [string, number]) =>
      version === 0 || Math.max(held.get(id) ?? 0, buried(id)) < version;
    return new Map([...changes].filter(isOpen));
  }

  return async (late: Versions, changes: Versions): Promise<Versions> => {
    let missed = await older(changes);
    // Their rings are on the way: most have come when the grace is over.
    if (missed.size > 0) await clock.sleep(limits.grace, signal);
    missed = await older(missed);
    if (missed.size > 0 && !signal.aborted) observe({ kind: 'missed', changes: missed.size });
    missed = new Map([...late, ...missed]);
    for (let tries = 0; missed.size > 0 && tries < TRIES && !signal.aborted; tries++) {
      if (tries > 0) await clock.sleep(PAUSE * tries, signal);
      await whenReady(signal);
      const back = await look(
        [...missed].map(([id, version]) => ({ id, version })),
        signal,
      );
      missed = await older(newestOf(back));
    }
    if (missed.size > MOST_LATE && !signal.aborted)
      throw new Error(`the source does not show ${missed.size} changes that are in its feed`);
    return missed;
  };
}
