import type { CircuitName, Observe } from '../queue/events.ts';
import { SourceUnavailable } from '../source/errors.ts';
import { type Clock, jitter } from '../system.ts';

/**
 * A circuit breaker (Nygard, Release It!) around what a look needs: the source has one, the store has one. It opens
 * after several failures in a row: then nothing is received and everything in hand goes back. A probe of the same part
 * tries it now and then, and closes the circuit again.
 */
export type Circuit = {
  /** The error that opened it, while it is open; null while it is closed. */
  cause: () => Error | null;
  /** The part did its work for these resources. */
  succeeded: (ids: readonly string[]) => void;
  /** A look at these resources failed as a whole, and this part is why. */
  failed: (error: Error, ids: readonly string[]) => void;
  /** Resolves when the circuit is closed, or when the signal aborts. */
  whenClosed: (signal: AbortSignal) => Promise<void>;
  stop: () => void;
};

/** Dependencies of a circuit. */
export type CircuitDeps = {
  name: CircuitName;
  /** Number of failures in a row that open it. */
  failures: number;
  /** Failures that open it at once, for they will not pass by themselves. */
  isCertain?: (error: Error) => boolean;
  /** Throws while the part can't do its work. The id is that of a resource whose look failed, or of another. */
  probe: (id: string, signal: AbortSignal) => Promise<unknown>;
  /** Another resource to probe with, one that was shown once; or any id. Left out where the probe is about no resource. */
  other?: () => Promise<string>;
  onOpen: (error: Error) => void;
  onClose: () => void;
  clock: Clock;
  observe: Observe;
};

/**
 * Milliseconds between probes: one resource every second or two is nothing to a source that answers, and its return is
 * noticed at once. After some ten minutes its return is not expected at any moment.
 */
const PROBE = { first: 1_000, most: 2_000, patience: 400, longest: 15_000 };
/** 1,000 resources that can't be shown are no exceptions any more. */
const MOST_SUSPECTS = 1_000;
/** 5 minutes: a source that asks for a longer pause is asked again all the same. */
const LONGEST_PAUSE = 300_000;

/** Makes a closed circuit. */
export function createCircuit(deps: CircuitDeps): Circuit {
  const { name, probe, other, isCertain = () => false, onOpen, onClose, clock, observe } = deps;
  const stopping = new AbortController();
  /** Resources that fail while others answer: it is them and not the source, and they open nothing. */
  const suspects = new Set<string>();
  let state: 'closed' | 'trying' | 'open' = 'closed';
  let cause: Error | null = null;
  let failures = 0;
  let probes = 0;
  let waiting: (() => void)[] = [];

  function announce(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  function open(error: Error, ids: readonly string[]): void {
    state = 'open';
    cause = error;
    observe({ kind: 'circuit', of: name, state: 'open', reason: error.message });
    onOpen(error);
    void probeUntilBack(error, ids);
  }

  function close(): void {
    // The first failure after this opens it again, and later: nothing has succeeded yet.
    state = 'trying';
    cause = null;
    failures = 0;
    observe({ kind: 'circuit', of: name, state: 'closed', reason: `the ${name} works again` });
    onClose();
    announce();
  }

  async function probeUntilBack(first: Error, ids: readonly string[]): Promise<void> {
    let error: Error | null = first;
    while (error !== null) {
      await clock.sleep(pauseAfter(error, probes++, clock), stopping.signal);
      if (stopping.signal.aborted) return;
      error = await tryOnce(ids);
      if (error !== null) goOn(error);
    }
    close();
  }

  /** Reports a cause that is not the one before, and stays open. */
  function goOn(error: Error): void {
    if (error.message !== cause?.message) observe({ kind: 'circuit', of: name, state: 'open', reason: error.message });
    cause = error;
  }

  /** Every second probe asks for another resource: one that can't be shown must not stand for all. */
  async function tryOnce([id = '', ...others]: readonly string[]): Promise<Error | null> {
    if (other !== undefined && probes % 2 === 1) return failureOf(probe(id, stopping.signal));
    const another = other === undefined ? Promise.resolve(id) : other();
    const error = await failureOf(another.then((each) => probe(each, stopping.signal)));
    // A store that takes other rows, and a look at this one alone had failed.
    const isToBlame = other !== undefined || others.length === 0;
    if (error === null && isToBlame && suspects.size < MOST_SUSPECTS) suspects.add(id);
    return error;
  }

  return {
    cause: () => cause,
    succeeded(ids) {
      failures = 0;
      probes = 0;
      if (state === 'trying') state = 'closed';
      for (const id of ids) suspects.delete(id);
    },
    failed(error, ids) {
      if (state === 'open' || ids.every((id) => suspects.has(id))) return;
      failures++;
      if (state === 'trying' || failures >= deps.failures || isCertain(error))
        open(
          error,
          [...ids].sort((a, b) => Number(suspects.has(a)) - Number(suspects.has(b))),
        );
    },
    async whenClosed(signal) {
      while (state === 'open' && !signal.aborted) {
        const stop = () => announce();
        signal.addEventListener('abort', stop);
        await new Promise<void>((resolve) => waiting.push(resolve));
        signal.removeEventListener('abort', stop);
      }
    },
    stop: () => stopping.abort(),
  };
}

function failureOf(work: Promise<unknown>): Promise<Error | null> {
  return work.then(
    () => null,
    (error: Error) => error,
  );
}

function pauseAfter(error: Error, probes: number, clock: Clock): number {
  const asked = error instanceof SourceUnavailable ? Math.min(error.retryAfter ?? 0, LONGEST_PAUSE) : 0;
  const most = probes < PROBE.patience ? PROBE.most : PROBE.longest;
  return Math.max(asked, PROBE.first / 2 + jitter(clock, probes, PROBE.first, most));
}
