import { type RunInfo, readRun, type Secrets } from '../../start/home.ts';

/** Exit codes: what a script can tell apart. */
export const exit = { ok: 0, failed: 1, usage: 2, isFalse: 3, notFound: 4, unreachable: 5, interrupted: 130 };

/** No system runs in the folder. */
export class NotRunning extends Error {
  override name = 'NotRunning';
}

/** The system that runs in a folder. Throws NotRunning. */
export function findRunning(home: string): { run: RunInfo; secrets: Secrets } {
  const running = readRun(home);
  if (running === null) throw new NotRunning(`Nothing runs in ${home}. Start it in another terminal: npm start`);
  return running;
}

const ctrlC = new AbortController();

/** Aborts at Ctrl-C, so that a command can say how far it came. */
export function interruptible(): AbortSignal {
  if (process.listenerCount('SIGINT') === 0) process.once('SIGINT', () => ctrlC.abort(new Error('interrupted')));
  return ctrlC.signal;
}

/** Whether Ctrl-C was pressed. */
export const interrupted = (): boolean => ctrlC.signal.aborted;
