import { type RunInfo, readRun, type Secrets } from '../../start/home.ts';

/** Exit codes that a script can tell apart. */
export const exit = { ok: 0, failed: 1, usage: 2, isFalse: 3, notFound: 4, unreachable: 5, interrupted: 130 };

/** Thrown if no system runs in the folder. */
export class NotRunning extends Error {
  override name = 'NotRunning';
}

/** Reads the addresses and secrets of the system that runs in a folder. Throws NotRunning. */
export function findRunning(home: string): { run: RunInfo; secrets: Secrets } {
  const running = readRun(home);
  if (running === null) throw new NotRunning(`Nothing runs in ${home}. Start it in another terminal: npm start`);
  return running;
}

const ctrlC = new AbortController();

/** Returns a signal that aborts at Ctrl-C, so that a command can report how far it came. */
export function interruptible(): AbortSignal {
  if (process.listenerCount('SIGINT') === 0) process.once('SIGINT', () => ctrlC.abort(new Error('interrupted')));
  return ctrlC.signal;
}

/** Tells whether Ctrl-C was pressed. */
export const interrupted = (): boolean => ctrlC.signal.aborted;
