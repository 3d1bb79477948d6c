import type { Observe } from './events.ts';
import { SourceUnavailable } from './source-error.ts';
import { type Clock, jitter } from './system.ts';

/**
 * A circuit breaker around looking (Nygard, Release It!). It opens after several failures in a row: then nothing is
 * received and everything in hand goes back. A probe asks for one shop now and then, and closes it again.
 */
export type Circuit = {
  /** What opened it, while it is open. */
  cause: () => Error | null;
  /** These shops were looked at. */
  succeeded: (ids: readonly string[]) => void;
  /** A look at these shops failed as a whole. */
  failed: (error: Error, ids: readonly string[]) => void;
  /** Resolves when the circuit is closed, or when the signal aborts. */
  whenClosed: (signal: AbortSignal) => Promise<void>;
  stop: () => void;
};

/** What a circuit needs. */
export type CircuitDeps = {
  /** Throws while the source is away, or can't show this shop. */
  probe: (id: string, signal: AbortSignal) => Promise<unknown>;
  /** Another shop to probe with, one that the source could show once; or any id. */
  other: () => Promise<string>;
  onOpen: (error: Error) => void;
  onClose: () => void;
  clock: Clock;
  observe: Observe;
};

/** 3 looks in a row, each tried four times: some seconds. */
const FAILURES = 3;
/**
 * Milliseconds between probes: one shop every second or two is nothing to a source that answers, and its return is
 * noticed at once. After some ten minutes nobody expects it any moment.
 */
const PROBE = { first: 1_000, most: 2_000, patience: 400, longest: 15_000 };
/** 1,000 shops that can't be shown are no exceptions any more. */
const MOST_SUSPECTS = 1_000;
/** 5 minutes: a source that asks for a longer pause is asked again all the same. */
const LONGEST_PAUSE = 300_000;

/** Makes a closed circuit. */
export function createCircuit({ probe, other, onOpen, onClose, clock, observe }: CircuitDeps): Circuit {
  const stopping = new AbortController();
  /** Shops that fail while others answer: it is them and not the source, and they open nothing. */
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

  function open(error: Error, id: string): void {
    state = 'open';
    cause = error;
    observe({ kind: 'circuit', state: 'open', reason: error.message });
    onOpen(error);
    void probeUntilBack(error, id);
  }

  function close(): void {
    // The first failure after this opens it again, and later: nothing has succeeded yet.
    state = 'trying';
    cause = null;
    failures = 0;
    observe({ kind: 'circuit', state: 'closed', reason: 'the source answers' });
    onClose();
    announce();
  }

  async function probeUntilBack(first: Error, id: string): Promise<void> {
    let error: Error | null = first;
    while (error !== null) {
      await clock.sleep(pauseAfter(error, probes++, clock), stopping.signal);
      if (stopping.signal.aborted) return;
      error = await tryOnce(id);
    }
    close();
  }

  /** Every second probe asks for another shop: one that can't be shown must not stand for all. */
  async function tryOnce(id: string): Promise<Error | null> {
    if (probes % 2 === 1) return failureOf(probe(id, stopping.signal));
    const error = await failureOf(other().then((another) => probe(another, stopping.signal)));
    if (error === null && suspects.size < MOST_SUSPECTS) suspects.add(id);
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
      if (state === 'trying' || failures >= FAILURES) open(error, ids.find((id) => !suspects.has(id)) ?? '');
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
