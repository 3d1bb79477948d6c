import type { Assembly } from './assemble.ts';
import type { Consumer } from './define-consumer.ts';
import type { Buried } from './feed/buried.ts';
import { type Follower, startFollower } from './feed/follow.ts';
import type { FollowLimits } from './feed/limits.ts';
import type { OwnMessages } from './feed/own-messages.ts';
import type { PoisonKeeper } from './feed/poison.ts';
import type { KnownChange } from './feed/progress.ts';
import { createRefill } from './feed/refill.ts';
import type { Observe } from './queue/events.ts';
import type { Semaphore } from './queue/semaphore.ts';
import type { Watchdog } from './queue/watchdog.ts';
import type { Circuits } from './refresh/circuits.ts';
import type { KnownVersions } from './refresh/known-versions.ts';
import type { SourceClient } from './source/client.ts';
import type { Clock } from './system.ts';
import type { ViewStore } from './views/view-store.ts';

/** Dependencies of a worker that its follower needs, too. */
export type FeedDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  feed?: Pick<SourceClient<Resource>, 'changes' | 'page'>;
  store: ViewStore<View>;
  clock: Clock;
  observe: Observe;
};

type LookParts = { own: OwnMessages; semaphore: Semaphore; takeRings: Assembly['takeRings'] };

/** Parts of a worker that its follower shares with the queue. */
export type FollowParts = LookParts & {
  circuits: Circuits;
  known: KnownVersions;
  buried: Buried;
  poison: PoisonKeeper | null;
  watchdog: Watchdog;
};

/** Starts the follower of a worker. Null if the source has no feed, or the store has no place for the progress. */
export function followFeed<Resource, View>(
  deps: FeedDeps<Resource, View>,
  parts: FollowParts,
  limits: Partial<FollowLimits> | undefined,
  signal: AbortSignal,
): Follower | null {
  const { feed, store } = deps;
  if (feed === undefined || store.progress === undefined) return null;
  const { circuits, known } = parts;
  const buried = parts.buried.get;
  const look = lookAtChanges(parts, deps);
  return startFollower(
    {
      ...deps,
      observe: parts.poison === null ? deps.observe : heard(deps.observe, parts.watchdog),
      source: feed,
      progress: store.progress,
      look,
      buried,
      refill: createRefill({ ...deps, source: feed, known, look, buried, brake: circuits.brake }),
      whenReady: circuits.whenClosed,
      ...(parts.poison && { poison: parts.poison }),
      limits: { ...(parts.poison && TRANSPORT), ...limits },
    },
    signal,
  );
}

/** Tells the watchdog of each answer of the feed, where no queue is received from. */
function heard(observe: Observe, { received }: Pick<Watchdog, 'received'>): Observe {
  return (event) => {
    if (event.kind === 'followed' || event.kind === 'refilling' || event.kind === 'refilled') received();
    observe(event);
  };
}

/**
 * 1 s between two questions that fail. The source holds a question for 10 s, and a worker that gives no sign of life
 * for 30 s is taken over.
 */
const TRANSPORT: Partial<FollowLimits> = { every: 1_000, wait: 10_000, lease: 30_000 };

/** Looks at resources without a message from the queue. Resolves with those whose rings were given back. */
export function lookAtChanges(
  { own, semaphore, takeRings }: LookParts,
  { consumer, clock }: Pick<FeedDeps<unknown, unknown>, 'consumer' | 'clock'>,
) {
  const [type = ''] = consumer.agreement.wakesOn;
  return async (changes: readonly KnownChange[], signal: AbortSignal): Promise<KnownChange[]> => {
    const left: Promise<'done' | 'back'>[] = [];
    while (left.length < changes.length && !signal.aborted) {
      const places = await semaphore.reserve(changes.length - left.length, signal);
      const rings = changes
        .slice(left.length, left.length + places)
        .map((change) => own.ring(change, type, clock.now()));
      left.push(...rings.map((each) => each.left));
      takeRings(rings.map(({ ring }) => ring));
    }
    const ways = await Promise.all(left);
    return changes.filter((_, n) => ways[n] !== 'done');
  };
}
