import type { Observe } from '../queue/events.ts';
import type { Clock } from '../system.ts';
import type { ViewStore } from '../views/view-store.ts';
import type { FollowLimits } from './limits.ts';
import type { PoisonKeeper } from './poison.ts';
import type { KnownChange } from './progress.ts';

/** Versions by ids. */
type Versions = Map<string, number>;

/** Dependencies of looking at missed changes. */
export type MissedDeps = {
  store: Pick<ViewStore<unknown>, 'versions' | 'revision'>;
  /** Looks at resources as after a ring. Resolves with those that the source did not show at this version. */
  look: (changes: readonly KnownChange[], signal: AbortSignal) => Promise<KnownChange[]>;
  /** The version of a resource up to which rings were dead-lettered; 0 where none is known. */
  buried: (id: string) => number;
  /** Keeps what can't be a view, where the feed is the only transport; missing beside a queue. */
  poison?: PoisonKeeper;
  /** Resolves when source and store can be asked. */
  whenReady: (signal: AbortSignal) => Promise<void>;
  clock: Clock;
  observe: Observe;
};

/**
 * 3 looks, after pauses of 1 s and 2 s. A change that the source does not show by then is late: it is looked at again.
 */
const TRIES = 3;
const PAUSE = 1_000;
/** 1,000 late changes at most: more are a fault of the source, and the cursor waits until it is mended. */
const MOST_LATE = 1_000;

/** The newest version of each resource. */
function newestOf(changes: readonly KnownChange[]): Versions {
  const newest = new Map<string, number>();
  for (const { id, version } of changes) newest.set(id, Math.max(version, newest.get(id) ?? 0));
  return newest;
}

/** Changes that the source does not show yet, and when the oldest of them occurred; null where there is none. */
export type Late = { late: Versions; oldest: number | null };

/** Makes the looks at missed changes. They resolve with the late ones, which the source does not show yet. */
export function createMissed(deps: MissedDeps & { limits: FollowLimits }, signal: AbortSignal) {
  const { store, look, buried, poison, whenReady, clock, limits, observe } = deps;

  /** The changes whose views are older, and that did not become dead letters. */
  async function older(changes: Versions): Promise<Versions> {
    if (changes.size === 0) return changes;
    const held = await store.versions([...changes.keys()]);
    const isOpen = ([id, version]: [string, number]) =>
      version === 0 || Math.max(held.get(id) ?? 0, buried(id)) < version;
    return new Map([...changes].filter(isOpen));
  }

  /** The changes that were not rung in time. */
  async function unrung(changes: Versions): Promise<Versions> {
    let missed = await older(changes);
    // Their rings are on the way: most have come when the grace is over.
    if (missed.size > 0) await clock.sleep(limits.grace, signal);
    missed = await older(missed);
    if (missed.size > 0 && !signal.aborted) observe({ kind: 'missed', changes: missed.size });
    return missed;
  }

  /** When the oldest change of a resource occurred that its view does not show. */
  const since = new Map<string, number>();

  function remember(missed: Versions, changes: readonly KnownChange[]): void {
    for (const { id, occurredAt } of changes)
      if (occurredAt !== undefined && missed.has(id) && !since.has(id)) since.set(id, occurredAt);
    for (const id of missed.keys()) if (!since.has(id)) since.set(id, clock.now());
  }

  /** Looks several times. Resolves with what the source does not show by then. */
  async function lookAt(changes: Versions): Promise<Versions> {
    let late = changes;
    for (let tries = 0; late.size > 0 && tries < TRIES && !signal.aborted; tries++) {
      if (tries > 0) await clock.sleep(PAUSE * tries, signal);
      await whenReady(signal);
      const wanted = [...late].map(([id, version]) => ({ id, version, occurredAt: since.get(id) }));
      late = await older(newestOf(await look(wanted, signal)));
    }
    return late;
  }

  return async (before: Versions, changes: readonly KnownChange[]): Promise<Late> => {
    const newest = newestOf(changes);
    const missed = new Map([...before, ...(poison === undefined ? await unrung(newest) : newest)]);
    remember(missed, changes);
    const late = await lookAt(missed);
    if (late.size > MOST_LATE && !signal.aborted)
      throw new Error(`the source does not show ${late.size} changes that are in its feed`);
    for (const id of since.keys()) if (!late.has(id)) since.delete(id);
    return { late, oldest: since.size === 0 ? null : Math.min(...since.values()) };
  };
}
