import type { Observe } from '../queue/events.ts';
import type { SourceClient } from '../source/client.ts';
import { SourceUnavailable } from '../source/errors.ts';
import type { Clock } from '../system.ts';
import type { ViewStore } from '../views/view-store.ts';
import { type Circuit, createCircuit } from './circuit.ts';
import { StoreFailed } from './look.ts';

/** A circuit around the source and one around the store. While either is open, nothing is received. */
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
  /** Resolves when both are closed, or when the signal aborts. */
  whenClosed: (signal: AbortSignal) => Promise<void>;
  /** Is told when either opens and when either closes. */
  listen: (listener: CircuitListener) => void;
  /** Health, as far as source and store decide it; null where both work. */
  health: () => { isHealthy: boolean; reason: string } | null;
  stop: () => void;
};

/** Callbacks for a circuit that opens or closes. */
export type CircuitListener = { opened: (error: Error) => void; closed: () => void };

/** Dependencies of both circuits. */
export type CircuitsDeps = {
  source: Pick<SourceClient<unknown>, 'look'>;
  store: Pick<ViewStore<unknown>, 'probe' | 'scan'>;
  clock: Clock;
  observe: Observe;
};

/** 3 looks in a row, each tried four times: some seconds. */
const SOURCE_FAILURES = 3;
/** 1: what can't be written now can't be written for anybody, and each look more would only be thrown away. */
const STORE_FAILURES = 1;
/** An id that no resource has: a source that knows it isn't there answers, and that is all a probe asks. */
const ANY_ID = 'doorbell-probe';

/** Makes two closed circuits. Each is probed by what it stands around: the store by a write. */
export function createCircuits({ source, store, clock, observe }: CircuitsDeps): Circuits {
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
  const cause = () => ofStore.cause() ?? ofSource.cause();

  return {
    cause,
    succeeded(ids, hasAsked, shown) {
      if (hasAsked) ofSource.succeeded(ids);
      ofStore.succeeded(ids);
      lastShown = shown ?? lastShown;
    },
    failed: (error, ids) => (error instanceof StoreFailed ? ofStore : ofSource).failed(error, ids),
    async whenClosed(signal) {
      while (cause() !== null && !signal.aborted)
        for (const circuit of [ofStore, ofSource]) await circuit.whenClosed(signal);
    },
    listen: (listener) => void listeners.push(listener),
    health: () => healthOf(ofStore.cause(), ofSource.cause()),
    stop() {
      ofSource.stop();
      ofStore.stop();
    },
  };
}

const isTokenRefused = (error: Error | null) => error instanceof SourceUnavailable && error.kind === 'token-refused';

function healthOf(failure: Error | null, outage: Error | null): { isHealthy: boolean; reason: string } | null {
  if (failure !== null) return { isHealthy: false, reason: `the views can not be written: ${failure.message}` };
  if (outage === null) return null;
  // A token does not mend itself. While a source is away there is nothing to mend here, and a restart would bring nothing.
  if (isTokenRefused(outage)) return { isHealthy: false, reason: outage.message };
  return { isHealthy: true, reason: `nothing is received until the source answers: ${outage.message}` };
}
