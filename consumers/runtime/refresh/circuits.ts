import type { Observe } from '../queue/events.ts';
import type { SourceClient } from '../source/client.ts';
import { SourceUnavailable } from '../source/errors.ts';
import type { Clock } from '../system.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type Brake, type BrakeDeps, createBrake } from './brake.ts';
import type { BrakeLimits } from './brake-limits.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { Held } from './hold.ts';
import { StoreFailed } from './look.ts';

/** A circuit around the source, one around the store, and the brake. While one of them is open, nothing is received. */
export type Circuits = {
  /** Why nothing is received now, or null. The store comes first, for a source is of no use without it. */
  cause: () => Error | null;
  /**
   * A look at these resources succeeded. `hasAsked` tells whether the source was asked for any of them, and `shown` is one
   * that it showed, if there is one.
   */
  succeeded: (ids: readonly string[], hasAsked: boolean, shown: string | undefined) => void;
  /** A look at these resources failed as a whole. The error says whose fault that is. */
  failed: (error: Error, ids: readonly string[]) => void;
  /** Asked by looks; missing where the store has no place for a hold, or where it is off. */
  brake: Brake | undefined;
  /** Resolves when all are closed, or when the signal aborts. */
  whenClosed: (signal: AbortSignal) => Promise<void>;
  /** Is told when one opens and when one closes. */
  listen: (listener: CircuitListener) => void;
  /** Health, as far as source, store and brake decide it; null where all is well. */
  health: () => { isHealthy: boolean; reason: string } | null;
  stop: () => void;
};

/** Callbacks for a circuit that opens or closes. */
export type CircuitListener = { opened: (error: Error) => void; closed: () => void };

/** Dependencies of the circuits. */
export type CircuitsDeps = {
  source: Pick<SourceClient<unknown>, 'look'>;
  store: Pick<ViewStore<unknown>, 'probe' | 'scan' | 'read' | 'count' | 'holds'>;
  consumer: BrakeDeps['consumer'];
  /** Limits of the brake, or false for none. */
  brake?: Partial<BrakeLimits> | false | undefined;
  clock: Clock;
  observe: Observe;
};

/** 3 looks in a row, each tried four times: some seconds. */
const SOURCE_FAILURES = 3;
/** 1: what can't be written now can't be written for anybody, and each look more would only be thrown away. */
const STORE_FAILURES = 1;
/** An id that no resource has: a source that knows it isn't there answers, and that is all a probe asks. */
const ANY_ID = 'doorbell-probe';

/** Makes the circuits. Each is probed by what it stands around: the store by a write. Only a person releases the brake. */
export function createCircuits(deps: CircuitsDeps): Circuits {
  const { source, store, clock, observe } = deps;
  const listeners: CircuitListener[] = [];
  const common = {
    clock,
    observe,
    onOpen: (error: Error) => {
      for (const { opened } of listeners) opened(error);
    },
    onClose: () => {
      for (const { closed } of listeners) closed();
    },
  };
  let lastShown: string | undefined;
  const ofSource: Circuit = createCircuit({
    ...common,
    name: 'source',
    failures: SOURCE_FAILURES,
    isCertain: isTokenRefused,
    probe: (id, signal) => source.look([{ id }], signal),
    other: async () => lastShown ?? (await store.scan('', 1).catch(() => []))[0]?.id ?? ANY_ID,
  });
  const ofStore = createCircuit({
    ...common,
    name: 'store',
    failures: STORE_FAILURES,
    probe: () => store.probe(),
  });
  const brake = brakeOf(deps, common);
  const cause = () => brake?.cause() ?? ofStore.cause() ?? ofSource.cause();

  return {
    cause,
    brake,
    succeeded(ids, hasAsked, shown) {
      if (hasAsked) ofSource.succeeded(ids);
      ofStore.succeeded(ids);
      lastShown = shown ?? lastShown;
    },
    failed: (error, ids) => (error instanceof StoreFailed ? ofStore : ofSource).failed(error, ids),
    async whenClosed(signal) {
      do {
        await brake?.whenReleased(signal);
        for (const circuit of [ofStore, ofSource]) await circuit.whenClosed(signal);
      } while (cause() !== null && !signal.aborted);
    },
    listen: (listener) => void listeners.push(listener),
    health: () => healthOfBrake(brake) ?? healthOf(ofStore.cause(), ofSource.cause()),
    stop() {
      ofSource.stop();
      ofStore.stop();
      brake?.stop();
    },
  };
}

type Told = Pick<BrakeDeps, 'clock' | 'observe'> & { onOpen: (error: Error) => void; onClose: () => void };

function brakeOf({ store, consumer, brake }: CircuitsDeps, { onOpen, onClose, ...told }: Told): Brake | undefined {
  const { holds } = store;
  if (brake === false || holds === undefined) return undefined;
  return createBrake({
    ...{ ...told, consumer, store, holds, onHeld: onOpen, onResumed: onClose },
    ...(brake && { limits: brake }),
  });
}

const isTokenRefused = (error: Error | null) => error instanceof SourceUnavailable && error.kind === 'token-refused';

/** Held, the consumer still answers queries, and a restart would bring nothing. */
function healthOfBrake(brake: Brake | undefined): { isHealthy: boolean; reason: string } | null {
  const cause = brake?.cause() ?? null;
  if (cause === null) return null;
  if (cause instanceof Held) return { isHealthy: true, reason: `held: ${cause.message}` };
  return { isHealthy: false, reason: `the views can not be read: ${cause.message}` };
}

function healthOf(failure: Error | null, outage: Error | null): { isHealthy: boolean; reason: string } | null {
  if (failure !== null) return { isHealthy: false, reason: `the views can not be written: ${failure.message}` };
  if (outage === null) return null;
  // A token does not mend itself. While a source is away there is nothing to mend here, and a restart would bring nothing.
  if (isTokenRefused(outage)) return { isHealthy: false, reason: outage.message };
  return { isHealthy: true, reason: `nothing is received until the source answers: ${outage.message}` };
}
