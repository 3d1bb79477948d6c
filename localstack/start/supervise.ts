import { setTimeout as pause } from 'node:timers/promises';

/** A part that can be started again. */
export type Supervised = {
  /** Its name in messages. */
  name: string;
  /** Resolves when the part has ended, with the reason or '', or when the signal aborted. */
  untilEnd: (signal: AbortSignal) => Promise<string>;
  /** Starts the part again. Rejects with the reason if it can't be started. */
  startAgain: () => Promise<void>;
};

/** Prints one line for people. */
export type Tell = (line: string) => void;

/**
 * Milliseconds before each attempt to start a part: child processes of a killed server hold its memory for a moment.
 */
const PAUSES = [0, 250, 500, 1_000, 2_000];

/** 3 within a minute: a part that ends again and again has a cause that a new start does not remove. */
const MOST_ENDS = { ends: 3, within: 60_000 };

/** The clock of the supervisor. */
export type SupervisorTime = { now: () => number; wait: (ms: number, signal: AbortSignal) => Promise<void> };

const processTime: SupervisorTime = {
  now: () => performance.now(),
  wait: (ms, signal) => pause(ms, undefined, { signal }).catch(() => undefined),
};

/**
 * Starts a part again each time it ends by itself, until the signal aborts. Throws an Error for people if the part
 * can't be started, or ends too often.
 */
export async function supervise(part: Supervised, tell: Tell, signal: AbortSignal, time = processTime): Promise<void> {
  const ends: number[] = [];
  for (;;) {
    const reason = await part.untilEnd(signal);
    if (signal.aborted) return;
    ends.push(time.now());
    if (ends.filter((at) => at > time.now() - MOST_ENDS.within).length >= MOST_ENDS.ends)
      throw new Error(`${part.name} ended ${MOST_ENDS.ends} times within a minute. It is not started again.`);
    tell(`${part.name} ended${reason && ` (${reason})`}; starting it again`);
    if (!(await startAgain(part, signal, time))) return;
    tell(`${part.name} runs again`);
  }
}

/** Tries to start a part. Returns false if the signal aborted first. */
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

/** Never settles: the `lost` of a part that is not supervised. */
export const NEVER_LOST = new Promise<never>(() => {});

/**
 * Supervises a part in the background. `lost` rejects when the part is gone for good; `stop` ends supervision and
 * part.
 */
export function superviseInBackground(
  part: Supervised,
  stop: () => Promise<void>,
  tell: Tell,
): { lost: Promise<never>; stop: () => Promise<void> } {
  const stopping = new AbortController();
  const watching = supervise(part, tell, stopping.signal);
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
