import { type Circuits, createCircuits } from './circuits.ts';
import type { Consumer } from './define-consumer.ts';
import { createDesk, DESK_LIMITS, type Desk, type DeskLimits } from './desk.ts';
import { guarded, type Observe } from './events.ts';
import { returnFromOutage } from './exits.ts';
import { type Healer, startHealer } from './heal.ts';
import { createInbox } from './inbox.ts';
import { createKnownVersions, type KnownVersions } from './known-versions.ts';
import { createLeases, type Leases } from './leases.ts';
import { createLimiter, type Limiter, MOST_LOOKS } from './limiter.ts';
import { lookAtShops, type Verdict, type Visit } from './look.ts';
import type { Message, Queue } from './queue.ts';
import { receive } from './receive.ts';
import { createSettle, type Settle } from './settle.ts';
import { createSlots, type Slots } from './slots.ts';
import type { SourceClient } from './source-client.ts';
import { type Clock, isDoneWithin } from './system.ts';
import type { ViewStore } from './view-store.ts';
import { startWatchdog, type Watchdog } from './watchdog.ts';

/** What a worker needs: everything outside it is a parameter. */
export type WorkerDeps<Shop, View> = {
  consumer: Consumer<Shop, View>;
  queue: Queue;
  /** The dead-letter queue, as a queue of its own; without it dead letters don't close by themselves. */
  deadLetters?: Pick<Queue, 'receive' | 'remove' | 'release'>;
  source: Pick<SourceClient<Shop>, 'look'>;
  store: ViewStore<View>;
  clock: Clock;
  observe: Observe;
  limits?: Partial<WorkerLimits>;
};

/** How much a worker takes in hand. */
export type WorkerLimits = DeskLimits & {
  /** Messages in hand: received and neither deleted nor handed back yet. */
  inHand: number;
  /** Long polls at once while the queue is deep. */
  pollers: number;
  /** Looks under way at once, at most; how many there are is learnt from the source. */
  looks: number;
  /** Shops in one look, at most 100. */
  shops: number;
  /** Milliseconds that work in flight may take to finish when stopping. */
  drain: number;
  /** Seconds that a received message stays invisible: the queue's visibility timeout. */
  visibility: number;
  /** Seconds after which a message in hand is held no longer. */
  leaseCap: number;
  /** Milliseconds without a completed receive after which the watchdog barks. */
  watchdog: number;
};

const LIMITS: WorkerLimits = {
  ...DESK_LIMITS,
  inHand: 1_000,
  pollers: 10,
  looks: MOST_LOOKS,
  shops: 100,
  drain: 4_000,
  visibility: 30,
  leaseCap: 600,
  watchdog: 60_000,
};

/** A worker that runs. */
export type Worker = {
  /** Whether it can do its work, and what it waits for if it doesn't. */
  health: () => { isHealthy: boolean; reason: string };
  /**
   * Receives no more, lets looks in flight finish, hands the rest back. True if all of it was done in time and the queue
   * heard of it.
   */
  stop: () => Promise<boolean>;
};

/** Starts to receive notifications, look at shops and keep views up to date. */
export function startWorker<Shop, View>(input: WorkerDeps<Shop, View>): Worker {
  const limits = { ...LIMITS, ...input.limits };
  const deps = { ...input, observe: guarded(input.observe) };
  const parts = createParts(deps, limits);
  const receiving = new AbortController();
  const received = receive(
    {
      queue: deps.queue,
      slots: parts.slots,
      whenReady: parts.circuits.whenClosed,
      take: takeInto(deps, parts),
      onReceived: parts.watchdog.received,
      clock: deps.clock,
      observe: deps.observe,
      mostPollers: limits.pollers,
    },
    receiving.signal,
  );
  return {
    health: () => healthOf(parts),
    async stop() {
      receiving.abort();
      return stopParts(parts, received, deps.clock, limits.drain);
    },
  };
}

type Parts = {
  slots: Slots;
  settle: Settle;
  limiter: Limiter;
  circuits: Circuits;
  leases: Leases;
  desk: Desk;
  healer: Healer | null;
  watchdog: Watchdog;
  known: KnownVersions;
  /** Messages that are in our hands: received, and neither settled nor lost yet. */
  inHand: Set<Message>;
  onLeft: (message: Message) => void;
};

function createParts<Shop, View>(deps: WorkerDeps<Shop, View>, limits: WorkerLimits): Parts {
  const { queue, source, store, clock, observe, deadLetters } = deps;
  const known = createKnownVersions();
  const slots = createSlots(limits.inHand);
  const settle = createSettle(queue, clock, observe);
  const limiter = createLimiter(limits);
  const healer = deadLetters === undefined ? null : startHealer({ deadLetters, store, clock, observe });
  const circuits = createCircuits({
    source,
    store,
    onOpen: (error) => desk.handBack(error.message, (message) => returnFromOutage(message, clock)),
    onClose() {
      limiter.restart();
      watchdog.received();
    },
    clock,
    observe,
  });
  const leases = createLeases({
    queue,
    clock,
    observe,
    onLost: (message) => desk.drop(message),
    visibility: limits.visibility,
    cap: limits.leaseCap,
  });
  const inHand = new Set<Message>();
  const onLeft = (message: Message) => {
    // A lease may be lost while its message is being deleted: it leaves twice, and frees one slot.
    if (!inHand.delete(message)) return;
    leases.forget(message);
    slots.free(1);
  };
  const desk: Desk = createDesk({
    look: (visits, signal) => lookAtShops(visits, { ...deps, known }, signal),
    settle,
    limiter,
    clock,
    observe,
    onLeft,
    onLooked(visits, verdicts, start) {
      // Where every view was as new already, nobody asked the source.
      circuits.succeeded(
        visits.map(({ id }) => id),
        verdicts.some(hasAsked),
      );
      for (const [n, visit] of visits.entries()) tellHealer(healer, visit, verdicts[n], start);
    },
    onFailed: circuits.failed,
    limits,
  });
  const isPaused = () => circuits.cause() !== null;
  const watchdog = startWatchdog({ clock, observe, limit: limits.watchdog, isPaused });
  return { slots, settle, limiter, circuits, leases, desk, healer, watchdog, known, inHand, onLeft };
}

const hasAsked = (verdict: Verdict) => verdict.kind === 'poison' || verdict.looked;

function tellHealer(healer: Healer | null, { id }: Visit, verdict: Verdict | undefined, start: number): void {
  if (verdict?.kind === 'poison') healer?.buried(id);
  // What shows nothing, or less than there was, covers no letter (see sortOut).
  if (verdict?.kind === 'covered' && verdict.looked && verdict.version >= Math.max(1, verdict.held))
    healer?.looked(id, verdict.version, start);
}

function takeInto<Shop, View>({ consumer, clock, observe }: WorkerDeps<Shop, View>, parts: Parts) {
  const { settle, leases, desk, circuits, known, inHand, onLeft } = parts;
  const accept = createInbox(consumer.agreement.wakesOn, { settle, known, observe, clock, onLeft });
  function giveBackAll(messages: readonly Message[], reason: string): void {
    for (const message of messages)
      void settle.giveBack(message, returnFromOutage(message, clock), reason).then(() => onLeft(message));
  }

  return (messages: readonly Message[]): void => {
    for (const message of messages) inHand.add(message);
    const cause = circuits.cause();
    // A long poll that was under way when a circuit opened: nobody looks at these now.
    if (cause !== null) giveBackAll(messages, cause.message);
    else {
      leases.hold(messages);
      desk.take(messages.flatMap((message) => accept(message) ?? []));
    }
  };
}

function healthOf({ watchdog, circuits }: Parts): { isHealthy: boolean; reason: string } {
  const outage = circuits.health();
  if (outage !== null) return outage;
  const ms = watchdog.silence();
  return ms === null ? { isHealthy: true, reason: '' } : { isHealthy: false, reason: `no receive for ${ms} ms` };
}

async function stopParts(parts: Parts, received: Promise<void>, clock: Clock, drain: number): Promise<boolean> {
  const { desk, settle, circuits, leases, healer, watchdog } = parts;
  circuits.stop();
  watchdog.stop();
  const unheard = settle.failures();
  desk.close();
  let isClean = true;
  const cancel = clock.after(drain, () => {
    isClean = !desk.abort(new Error('stopping'));
  });
  const settled = Promise.all([received, settleAll(parts), healer?.stop()]);
  const isInTime = await isDoneWithin(clock, drain + SETTLE_TIME, settled);
  cancel();
  leases.stop();
  return isClean && isInTime && settle.failures() === unheard;
}

async function settleAll({ settle, slots }: Parts): Promise<void> {
  await settle.flush();
  await slots.empty();
}

/** 3 s after the drain for telling the queue: what it doesn't hear comes again when its lease runs out. */
const SETTLE_TIME = 3_000;
