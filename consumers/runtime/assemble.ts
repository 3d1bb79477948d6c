import type { Consumer } from './define-consumer.ts';
import type { Observe } from './queue/events.ts';
import { createInHand, type InHand } from './queue/in-hand.ts';
import type { Message } from './queue/queue.ts';
import type { Ring } from './queue/ring.ts';
import type { Semaphore } from './queue/semaphore.ts';
import type { Settle } from './queue/settle.ts';
import type { Delay } from './refresh/actions.ts';
import type { Circuits } from './refresh/circuits.ts';
import type { KnownVersions } from './refresh/known-versions.ts';
import type { Limiter } from './refresh/limiter.ts';
import { type LookBrake, lookAtResources, type RefreshResult } from './refresh/look.ts';
import { createScheduler, type Scheduler, type SchedulerDeps, type SchedulerLimits } from './refresh/scheduler.ts';
import { createTriage } from './refresh/triage.ts';
import type { SourceClient } from './source/client.ts';
import type { Clock } from './system.ts';
import type { ViewStore } from './views/view-store.ts';

/** Parts that bring a message to its view, wherever the message comes from. */
export type Assembly = {
  /** Takes messages in hand: reads each one, and schedules a look for each ring. */
  take: (messages: readonly Message[]) => void;
  /** Takes rings in hand that need no reading. */
  takeRings: (rings: readonly Ring[]) => void;
  scheduler: Scheduler;
  inHand: InHand;
};

/** Dependencies of these parts. */
export type AssemblyDeps<Resource, View> = {
  consumer: Consumer<Resource, View>;
  source: Pick<SourceClient<Resource>, 'look'>;
  store: ViewStore<View>;
  settle: Settle;
  semaphore: Semaphore;
  limiter: Limiter;
  known: KnownVersions;
  clock: Clock;
  observe: Observe;
  limits?: Partial<SchedulerLimits> | undefined;
  /** Called with the result of each look; reports when no look is possible. */
  breaker: Breaker;
  /** Holds where too many views would be closed; a handler has none. */
  brake?: LookBrake | undefined;
  /** Delay of rings that are given back to the queue when the breaker opens. */
  outageDelay: Delay;
  onLooked?: SchedulerDeps['onLooked'];
};

/** The methods of a circuit breaker that looks need. */
export type Breaker = Pick<Circuits, 'succeeded' | 'failed' | 'listen'>;

/** Puts triage, looks and settling together, the same way for a worker and for a handler. */
export function assemble<Resource, View>(deps: AssemblyDeps<Resource, View>): Assembly {
  const { limits = {}, breaker, outageDelay, onLooked = () => {} } = deps;
  const inHand = createInHand(deps.semaphore);
  const scheduler = createScheduler({
    ...deps,
    look: (requests, signal) => lookAtResources(requests, deps, signal),
    onLeft: inHand.left,
    onFailed: breaker.failed,
    onLooked(requests, results, start) {
      // If every view was as new already, the source was not asked.
      breaker.succeeded(
        requests.map(({ id }) => id),
        results.some(hasAsked),
        requests.findLast((_, n) => isShown(results[n]))?.id,
      );
      onLooked(requests, results, start);
    },
    limits,
  });
  breaker.listen({ opened: ({ message }) => scheduler.pause(message, outageDelay), closed: () => {} });
  const triage = createTriage(deps.consumer.agreement.wakesOn, { ...deps, onLeft: inHand.left });
  return {
    scheduler,
    inHand,
    take(messages) {
      inHand.add(messages);
      scheduler.take(messages.flatMap((message) => triage(message) ?? []));
    },
    takeRings(rings) {
      inHand.add(rings.map(({ message }) => message));
      scheduler.take(rings);
    },
  };
}

const hasAsked = (result: RefreshResult) => result.kind === 'poison' || result.looked;

/** True if the source showed the resource. One that can't be shown would keep a circuit open for ever. */
const isShown = (result: RefreshResult | undefined) =>
  result?.kind === 'covered' && result.looked && result.version > 0;
