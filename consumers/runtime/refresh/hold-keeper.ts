import type { Clock } from '../system.ts';
import type { HoldStore } from '../views/hold-store.ts';
import { type Hold, readHold } from './hold.ts';

/** Knows whether the consumer holds. All workers of a consumer share the hold, because it is in their store. */
export type HoldKeeper = {
  /** The hold, or null while the consumer goes on. */
  hold: () => Hold | null;
  /** Why it is not known yet whether the consumer holds, if the store could not be read. */
  failure: () => Error | null;
  /** Begins to hold at once, and keeps it in the store. */
  begin: (hold: Hold) => void;
  /** Resolves when it is known that the consumer does not hold, or when the signal aborts. */
  whenReleased: (signal: AbortSignal) => Promise<void>;
  stop: () => void;
};

/** Dependencies of the keeper. */
export type HoldKeeperDeps = {
  holds: HoldStore;
  clock: Clock;
  limits: { held: number; idle: number; grace: number };
  /** The store could not be read or written. It is tried again. */
  onFailed: (error: Error) => void;
  onHeld: (hold: Hold) => void;
  /** An operator lets closings pass until this time. */
  onPassing: (until: number) => void;
  onResumed: (hold: Hold) => void;
};

/** Makes the keeper, which reads the store now and every few seconds. */
export function createHoldKeeper(deps: HoldKeeperDeps): HoldKeeper {
  const { holds, clock, limits } = deps;
  const stopping = new AbortController();
  let wake = new AbortController();
  let [hold, isSaved]: [Hold | null, boolean] = [null, true];
  let [isKnown, failure]: [boolean, Error | null] = [false, null];
  const isReleased = () => isKnown && hold === null;
  const gate = createGate(isReleased);

  function begin(next: Hold, saved: boolean): void {
    hold = next;
    isSaved = saved;
    deps.onHeld(next);
  }

  function end(ended: Hold): void {
    hold = null;
    deps.onResumed(ended);
  }

  /** Brings what the store says and what is known here together. */
  async function compare(): Promise<void> {
    const kept = readHold(await holds.read());
    const until = kept?.resumed === undefined ? 0 : kept.resumed + limits.grace;
    const isPassing = until > clock.now();
    if (isPassing) deps.onPassing(until);
    const step = stepOf(kept, { hold, isSaved, isPassing });
    if (step === 'begin') begin(kept as Hold, true);
    else if (step === 'adopt') [hold, isSaved] = [kept, true];
    else if (step === 'end') end(hold as Hold);
    // That it is safe is seen by the next comparison.
    else if (step === 'keep') await holds.keep(JSON.stringify(hold));
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted) {
      wake = new AbortController();
      failure = await compare().then(
        () => null,
        (error: Error) => error,
      );
      if (stopping.signal.aborted) return;
      if (failure === null) isKnown = true;
      else deps.onFailed(failure);
      gate.look();
      await clock.sleep(isReleased() ? limits.idle : limits.held, wake.signal);
    }
  }

  void watch();

  return {
    hold: () => hold,
    failure: () => (isKnown ? null : failure),
    begin(next) {
      begin(next, false);
      wake.abort();
    },
    whenReleased: gate.whenOpen,
    stop() {
      stopping.abort();
      wake.abort();
    },
  };
}

type Known = { hold: Hold | null; isSaved: boolean; isPassing: boolean };

/** Decides what follows from the hold in the store and the one that is known here. Pure. */
function stepOf(kept: Hold | null, { hold, isSaved, isPassing }: Known): 'begin' | 'adopt' | 'end' | 'keep' | 'none' {
  const isHeldThere = kept !== null && kept.resumed === undefined;
  if (hold === null) return isHeldThere ? 'begin' : 'none';
  // Another worker may have held first: the operator is told of its hold.
  if (isHeldThere) return 'adopt';
  // One that is not in the store yet is newer than a resume of long ago. One that was lost with its store is kept again.
  return kept !== null && (isSaved || isPassing) ? 'end' : 'keep';
}

/** Lets those who wait go on when it is open, or when their signals abort. `look` is called after each change. */
function createGate(isOpen: () => boolean): { look: () => void; whenOpen: (signal: AbortSignal) => Promise<void> } {
  let waiting: (() => void)[] = [];

  function look(): void {
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  return {
    look,
    async whenOpen(signal) {
      while (!isOpen() && !signal.aborted) {
        signal.addEventListener('abort', look);
        await new Promise<void>((resolve) => waiting.push(resolve));
        signal.removeEventListener('abort', look);
      }
    },
  };
}
