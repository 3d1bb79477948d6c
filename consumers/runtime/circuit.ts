import type { Observe } from './events.ts';
import { SourceUnavailable } from './source-error.ts';
import { type Clock, jitter } from './system.ts';

/**
 * A circuit breaker around looking (Nygard, Release It!). It opens after several failures in a row: then nothing is
 * received and everything in hand goes back. A probe asks for one shop now and then, and closes it again.
 */
export type Circuit = {
  isOpen: () => boolean;
  succeeded: () => void;
  /** A look failed as a whole. `id` is one of its shops: the one to probe with. */
  failed: (error: Error, id: string) => void;
  /** Resolves when the circuit is closed, or when the signal aborts. */
  whenClosed: (signal: AbortSignal) => Promise<void>;
  stop: () => void;
};

/** What a circuit needs. */
export type CircuitDeps = {
  /** Throws while the source is away. */
  probe: (id: string, signal: AbortSignal) => Promise<unknown>;
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
/** 5 minutes: a source that asks for a longer pause is asked again all the same. */
const LONGEST_PAUSE = 300_000;

/** Makes a closed circuit. */
export function createCircuit({ probe, onOpen, onClose, clock, observe }: CircuitDeps): Circuit {
  const stopping = new AbortController();
  let state: 'closed' | 'trying' | 'open' = 'closed';
  let failures = 0;
  let probes = 0;
  let waiting: (() => void)[] = [];

  function announce(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  function open(error: Error, id: string): void {
    state = 'open';
    observe({ kind: 'circuit', state: 'open', reason: error.message });
    onOpen(error);
    void probeUntilBack(error, id);
  }

  function close(): void {
    // The first failure after this opens it again, and later: nothing has succeeded yet.
    state = 'trying';
    failures = 0;
    observe({ kind: 'circuit', state: 'closed', reason: 'the source answers' });
    onClose();
    announce();
  }

  async function probeUntilBack(cause: Error, id: string): Promise<void> {
    let error = cause;
    while (!stopping.signal.aborted) {
      await clock.sleep(pauseAfter(error, probes++, clock), stopping.signal);
      if (stopping.signal.aborted) return;
      const failure = await probe(id, stopping.signal).then(
        () => null,
        (reason: Error) => reason,
      );
      if (failure === null) return close();
      error = failure;
    }
  }

  return {
    isOpen: () => state === 'open',
    succeeded() {
      failures = 0;
      probes = 0;
      if (state === 'trying') state = 'closed';
    },
    failed(error, id) {
      failures++;
      if (state === 'open') return;
      if (state === 'trying' || failures >= FAILURES) open(error, id);
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

function pauseAfter(error: Error, probes: number, clock: Clock): number {
  const asked = error instanceof SourceUnavailable ? Math.min(error.retryAfter ?? 0, LONGEST_PAUSE) : 0;
  const most = probes < PROBE.patience ? PROBE.most : PROBE.longest;
  return Math.max(asked, PROBE.first / 2 + jitter(clock, probes, PROBE.first, most));
}
