import { NotificationError } from '../../contracts/notification.ts';
import type { Consumer } from './define-consumer.ts';
import { createDesk, type DeskLimits } from './desk.ts';
import type { Observe } from './events.ts';
import { type Ring, readRing } from './inbox.ts';
import { lookAtShops } from './look.ts';
import type { Message, Queue } from './queue.ts';
import { receive } from './receive.ts';
import { createSettle, type Settle } from './settle.ts';
import { createSlots } from './slots.ts';
import type { SourceClient } from './source-client.ts';
import type { Clock } from './system.ts';
import type { ViewStore } from './view-store.ts';

/** What a worker needs: everything outside it is a parameter. */
export type WorkerDeps<Shop, View> = {
  consumer: Consumer<Shop, View>;
  queue: Queue;
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
  pollers: number;
  /** Milliseconds that work in flight may take to finish when stopping. */
  drain: number;
};

const LIMITS = { inHand: 1_000, pollers: 10, drain: 4_000 };

/** A worker that runs. */
export type Worker = {
  /** Receives no more, lets looks in flight finish, hands the rest back. True if all of it was done in time. */
  stop: () => Promise<boolean>;
};

/** Starts to receive notifications, look at shops and keep views up to date. */
export function startWorker<Shop, View>(deps: WorkerDeps<Shop, View>): Worker {
  const { consumer, queue, clock } = deps;
  const limits = { ...LIMITS, ...deps.limits };
  const observe = guarded(deps.observe);
  const receiving = new AbortController();
  const looking = new AbortController();
  const slots = createSlots(limits.inHand);
  const settle = createSettle(queue, clock, observe);
  const onLeft = () => slots.free(1);
  const desk = createDesk({
    look: (visits, signal) => lookAtShops(visits, deps, signal),
    settle,
    clock,
    observe,
    onLeft,
    signal: looking.signal,
    limits,
  });
  const accept = createInbox(consumer.agreement.wakesOn, { settle, observe, clock, onLeft });
  const take = (messages: readonly Message[]) => desk.take(messages.flatMap((message) => accept(message) ?? []));
  const received = receive({ queue, slots, take, clock, observe, mostPollers: limits.pollers }, receiving.signal);

  return {
    async stop() {
      receiving.abort();
      desk.close();
      const cancel = clock.after(limits.drain, () => looking.abort(new Error('stopping')));
      await received;
      await settle.flush();
      await slots.empty();
      cancel();
      return !looking.signal.aborted;
    },
  };
}

type InboxDeps = { settle: Pick<Settle, 'ack' | 'bury'>; observe: Observe; clock: Clock; onLeft: () => void };

/** Reads messages: gives back the rings to look at, and settles by itself what needs no look. */
function createInbox(wakesOn: readonly string[], { settle, observe, clock, onLeft }: InboxDeps) {
  const wakes = new Set(wakesOn);
  return (message: Message): Ring | null => {
    try {
      const ring = readRing(message);
      if (wakes.has(ring.type)) return ring;
      observe({ kind: 'settled', ring, outcome: 'asleep', version: null, gone: false, at: clock.now(), ms: 0 });
      void settle.ack(message).then(onLeft);
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      void settle.bury({ message, reason: 'malformed-notification', detail: error.message }).then(onLeft);
    }
    return null;
  };
}

/** A watcher that throws stops nothing. */
function guarded(observe: Observe): Observe {
  return (event) => {
    try {
      observe(event);
    } catch {
      // Whoever watches must mend their own faults: nothing here depends on them.
    }
  };
}
