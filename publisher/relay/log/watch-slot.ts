import type { RelayDeps } from '../relay.ts';

/** Milliseconds between two checks of the slot. */
const LOOK = 10_000;

/** Checks the slot all the time, even while a step waits for SNS, because the slot grows then. */
export type Watch = { expectActive: () => void; throwIfBroken: () => void; stop: () => void };

/**
 * Starts the checks. A slot that falls behind fills the disk or is lost, so it is reported early. A slot that stopped
 * streaming belongs to another process.
 */
export function startWatch({ log, clock, observe }: RelayDeps, name: string, limit: number): Watch {
  const stopping = new AbortController();
  let isActiveExpected = false;
  let failure: Error | null = null;

  async function look(): Promise<void> {
    const slot = await log.replication.read(name);
    if (isActiveExpected && (slot === null || slot.status === 'lost'))
      throw new Error(`the replication slot ${name} is gone`);
    if (isActiveExpected && slot?.active === false) throw new Error(`PostgreSQL streams no more from ${name}`);
    if (slot !== null && (slot.bytes > limit || slot.status === 'unreserved'))
      observe({ kind: 'slot-behind', slot: name, bytes: slot.bytes, status: slot.status });
  }

  async function watch(): Promise<void> {
    while (!stopping.signal.aborted && failure === null) {
      await clock.sleep(LOOK, stopping.signal);
      if (!stopping.signal.aborted)
        await look().catch((error: Error) => {
          failure = error;
        });
    }
  }
  void watch();
  return {
    expectActive() {
      isActiveExpected = true;
    },
    throwIfBroken() {
      if (failure !== null) throw failure;
    },
    stop: () => stopping.abort(),
  };
}
