import { setTimeout as pause } from 'node:timers/promises';

/** A part that can be started again. */
export type Supervised = {
  /** How messages call it. */
  name: string;
  /** Returns when the part has ended, with the reason if there is one to tell, or when the signal aborted. */
  untilEnd: (signal: AbortSignal) => Promise<string>;
  /** Rejects with the reason why it could not be started. */
  startAgain: () => Promise<void>;
};

/** What superviseInBackground tells a person, in a line each. */
export type Tell = (line: string) => void;

/** Milliseconds between two tries to start a part: children of a server that was killed hold its memory for a moment. */
const PAUSES = [0, 250, 500, 1_000, 2_000];

/** 3 within a minute: one that ends again and again has a reason that no start mends. */
const MOST_ENDS = { ends: 3, within: 60_000 };

/** Time, as the process has it. */
export type SupervisorTime = { now: () => number; wait: (ms: number, signal: AbortSignal) => Promise<void> };

const processTime: SupervisorTime = {
  now: () => performance.now(),
  wait: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
};

/**
 * Starts a part again whenever it ends by itself, until the signal aborts. Throws an Error in true words when it can't be
 * started, or doesn't stay.
 */
export async function supervise(kept: Supervised, tell: Tell, signal: AbortSignal, time = processTime): Promise<void> {
  const ends: number[] = [];
  for (;;) {
    const reason = await kept.untilEnd(signal);
    if (signal.aborted) return;
    ends.push(time.now());
    if (ends.filter((at) => at > time.now() - MOST_ENDS.within).length >= MOST_ENDS.ends)
      throw new Error(`${kept.name} ended ${MOST_ENDS.ends} times within a minute. It is not started again.`);
    tell(`${kept.name} ended${reason && ` (${reason})`}; it is started again`);
    if (!(await startAgain(kept, signal, time))) return;
    tell(`${kept.name} runs again`);
  }
}

/** False if the signal aborted before it ran. */
async function startAgain(
  { name, startAgain }: Supervised,
  signal: AbortSignal,
  time: SupervisorTime,
): Promise<boolean> {
  let cause = new Error('it was not tried');
  for (const ms of PAUSES) {
    await time.wait(ms, signal);
    if (signal.aborted) return false;
    try {
      await startAgain();
      return true;
    } catch (error) {
      cause = error as Error;
    }
  }
  throw new Error(`${name} ended and can't be started again: ${cause.message}`, { cause });
}

/** For a part that is not watched. */
export const NEVER_LOST = new Promise<never>(() => {});

/** A part that is kept: `lost` rejects when it is away for good, and `stop` ends the watch before the part. */
export function superviseInBackground(
  kept: Supervised,
  stop: () => Promise<void>,
  tell: Tell,
): { lost: Promise<never>; stop: () => Promise<void> } {
  const stopping = new AbortController();
  const watching = supervise(kept, tell, stopping.signal);
  const lost = watching.then(() => NEVER_LOST);
  lost.catch(() => undefined);
  return {
    lost,
    async stop() {
      stopping.abort();
      await watching.catch(() => undefined);
      await stop();
    },
  };
}
