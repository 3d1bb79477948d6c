import { type Assembly, assemble } from './assemble.ts';
import type { Consumer } from './define-consumer.ts';
import { type Buried, createBuried } from './feed/buried.ts';
import type { FollowLimits } from './feed/limits.ts';
import { createOwnMessages, type OwnMessages } from './feed/own-messages.ts';
import { createPoisonKeeper, type PoisonKeeper } from './feed/poison.ts';
import type { KnownChange } from './feed/progress.ts';
import { followFeed, lookAtChanges } from './follow-feed.ts';
import { guarded, type Observe } from './queue/events.ts';
import { createLeases, type Leases } from './queue/leases.ts';
import type { Message, Queue } from './queue/queue.ts';
import { receive } from './queue/receive.ts';
import { createSemaphore, type Semaphore } from './queue/semaphore.ts';
import { createSettle, type Settle } from './queue/settle.ts';
import { startWatchdog, type Watchdog } from './queue/watchdog.ts';
import type { BrakeLimits } from './refresh/brake-limits.ts';
import { type Circuits, createCircuits } from './refresh/circuits.ts';
import { type DeadLetterSweeper, startDeadLetterSweeper } from './refresh/dead-letter-sweeper.ts';
import { createKnownVersions, type KnownVersions } from './refresh/known-versions.ts';
import { createLimiter, MOST_LOOKS } from './refresh/limiter.ts';
import type { RefreshRequest, RefreshResult } from './refresh/look.ts';
import { outageSeconds } from './refresh/redelivery.ts';
import { SCHEDULER_LIMITS, type SchedulerDeps, type SchedulerLimits } from './refresh/scheduler.ts';
import type { SourceClient } from './source/client.ts';
import { type Clock, isDoneWithin } from './system.ts';
import type { ViewStore } from './views/view-store.ts';

/** Dependencies of a worker: everything outside it is a parameter. */
export type WorkerDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  /** The queue, or `feed`: the feed is the only transport, and dead letters are kept in the store. */
  queue: Queue | 'feed';
  /** The dead-letter queue as a queue of its own. Without it, dead letters are not deleted by themselves. */
  deadLetters?: Pick<Queue, 'receive' | 'remove' | 'release'>;
  source: Pick<SourceClient<Resource>, 'look'>;
  store: ViewStore<View>;
  /** Asks the feed and the pages of the source. Without it, or without `store.progress`, the feed is not followed. */
  feed?: Pick<SourceClient<Resource>, 'changes' | 'page'>;
  clock: Clock;
  observe: Observe;
  limits?: Partial<WorkerLimits>;
};

/** Limits of a worker. */
export type WorkerLimits = SchedulerLimits & {
  /** Times and limits of the follower. */
  follow?: Partial<FollowLimits>;
  /** Limits of the brake; false for none. */
  brake?: Partial<BrakeLimits> | false;
  /** Messages in hand: received, and neither deleted nor given back yet. */
  inHand: number;
  /** Long polls at once while the queue is deep. */
  pollers: number;
  /** Maximum number of looks under way. The actual number is learnt from the source. */
  looks: number;
  /** Resources in one look, at most 100. */
  resources: number;
  /** Milliseconds that work in flight may take to finish when stopping. */
  drain: number;
  /** Seconds that a received message stays invisible: the queue's visibility timeout. */
  visibility: number;
  /** Seconds after which a message in hand is no longer extended. */
  leaseCap: number;
  /** Milliseconds without a completed receive after which the watchdog reports. */
  watchdog: number;
};

const LIMITS: WorkerLimits = {
  ...SCHEDULER_LIMITS,
  inHand: 1_000,
  pollers: 10,
  looks: MOST_LOOKS,
  resources: 100,
  drain: 4_000,
  visibility: 30,
  leaseCap: 600,
  watchdog: 60_000,
};

/** A running worker. */
export type Worker = {
  /** Looks at resources without a ring. Resolves with those that the source did not show at this version. */
  look: (changes: readonly KnownChange[], signal: AbortSignal) => Promise<KnownChange[]>;
  /** Reports whether the worker can do its work, and the reason if it can't. */
  health: () => { isHealthy: boolean; reason: string };
  /**
   * Stops receiving, lets looks in flight finish, and gives the rest back to the queue. True if all of it was done in
   * time and the queue confirmed it.
   */
  stop: () => Promise<boolean>;
};

/** Starts a worker, which receives notifications, looks at resources and keeps views up to date. */
export function startWorker<Resource, View>(input: WorkerDeps<Resource, View>): Worker {
  const limits = { ...LIMITS, ...input.limits };
  const poison = input.queue === 'feed' ? createPoisonKeeper(input.clock) : null;
  const queue = input.queue === 'feed' ? (poison as PoisonKeeper).queue : input.queue;
  const deps = { ...input, queue, observe: guarded(input.observe) };
  const parts = createParts(deps, limits, poison);
  const receiving = new AbortController();
  const received = receive(
    {
      queue: deps.queue,
      semaphore: parts.semaphore,
      whenReady: parts.circuits.whenClosed,
      take: takeInto(parts, deps.clock),
      onReceived: parts.watchdog.received,
      clock: deps.clock,
      observe: deps.observe,
      mostPollers: limits.pollers,
    },
    receiving.signal,
  );
  const follower = followFeed(deps, parts, limits.follow, receiving.signal);
  return {
    look: lookAtChanges(parts, deps),
    health: () => healthOf(parts),
    async stop() {
      receiving.abort();
      const ended = Promise.all([received, follower?.stopped]);
      return stopParts(parts, ended, deps.clock, limits.drain);
    },
  };
}

type Parts = Assembly & {
  semaphore: Semaphore;
  settle: Settle;
  circuits: Circuits;
  leases: Leases;
  sweeper: DeadLetterSweeper | null;
  watchdog: Watchdog;
  own: OwnMessages;
  known: KnownVersions;
  buried: Buried;
  /** Dead letters of a consumer without a queue. */
  poison: PoisonKeeper | null;
};

function createParts<Resource, View>(
  deps: Omit<WorkerDeps<Resource, View>, 'queue'> & { queue: Queue },
  limits: WorkerLimits,
  poison: PoisonKeeper | null,
): Parts {
  const { queue, store, clock, observe, deadLetters } = deps;
  const semaphore = createSemaphore(limits.inHand);
  const buried = createBuried(queue);
  const own = createOwnMessages({ ...queue, bury: buried.bury });
  const settle = createSettle(own.settling, clock, observe);
  const limiter = createLimiter(limits);
  const sweeper = deadLetters === undefined ? null : startDeadLetterSweeper({ deadLetters, store, clock, observe });
  const circuits = createCircuits({ ...deps, brake: limits.brake });
  const onLooked: SchedulerDeps['onLooked'] = (requests, results, start) => {
    for (const [n, request] of requests.entries()) {
      tellSweeper(sweeper, request, results[n], start);
      if (results[n]?.kind === 'poison') buried.poisoned(request, results[n].version);
    }
  };
  const known = createKnownVersions();
  const looking = {
    ...{ settle, semaphore, limiter, known, limits },
    breaker: circuits,
    brake: circuits.brake,
    outageDelay: 'outage',
    onLooked,
  } as const;
  const assembly = assemble({ ...deps, ...looking });
  const { scheduler, inHand } = assembly;
  const { visibility, leaseCap: cap } = limits;
  const leases = createLeases({ queue, clock, observe, onLost: scheduler.drop, visibility, cap });
  inHand.onLeft(leases.forget);
  const isPaused = () => circuits.cause() !== null;
  const watchdog = startWatchdog({ clock, observe, limit: limits.watchdog, isPaused });
  circuits.listen({
    opened: () => {},
    closed() {
      limiter.restart();
      watchdog.received();
    },
  });
  return { ...assembly, semaphore, settle, circuits, leases, sweeper, watchdog, own, known, buried, poison };
}

function tellSweeper(
  sweeper: DeadLetterSweeper | null,
  { id }: RefreshRequest,
  result: RefreshResult | undefined,
  start: number,
): void {
  if (result?.kind === 'poison') sweeper?.buried(id);
  // An answer that shows nothing, or an older version, makes no dead letter unnecessary (see resolve).
  if (result?.kind === 'covered' && result.looked && result.version >= Math.max(1, result.held))
    sweeper?.looked(id, result.version, start);
}

function takeInto({ take, inHand, settle, leases, circuits }: Parts, clock: Clock) {
  function giveBackAll(messages: readonly Message[], reason: string): void {
    inHand.add(messages);
    for (const message of messages)
      void settle.giveBack(message, outageSeconds(message, clock), reason).then(() => inHand.left(message));
  }

  return (messages: readonly Message[]): void => {
    const cause = circuits.cause();
    // A long poll was under way when a circuit opened: its messages can't be looked at now.
    if (cause !== null) giveBackAll(messages, cause.message);
    else {
      leases.hold(messages);
      take(messages);
    }
  };
}

function healthOf({ watchdog, circuits }: Parts): { isHealthy: boolean; reason: string } {
  const outage = circuits.health();
  if (outage !== null) return outage;
  const ms = watchdog.silence();
  return ms === null ? { isHealthy: true, reason: '' } : { isHealthy: false, reason: `no receive for ${ms} ms` };
}

async function stopParts(parts: Parts, received: Promise<unknown>, clock: Clock, drain: number): Promise<boolean> {
  const { scheduler, settle, circuits, leases, sweeper, watchdog } = parts;
  circuits.stop();
  watchdog.stop();
  const unheard = settle.failures();
  scheduler.close();
  let isClean = true;
  const cancel = clock.after(drain, () => {
    isClean = !scheduler.abort(new Error('stopping'));
  });
  const settled = Promise.all([received, settleAll(parts), sweeper?.stop()]);
  const isInTime = await isDoneWithin(clock, drain + SETTLE_TIME, settled);
  cancel();
  leases.stop();
  return isClean && isInTime && settle.failures() === unheard;
}

async function settleAll({ settle, semaphore }: Parts): Promise<void> {
  await settle.flush();
  await semaphore.empty();
}

/**
 * 3 s after the drain for the last calls to the queue. A message that they miss comes again when its lease runs out.
 */
const SETTLE_TIME = 3_000;
