import type { Checkpoint } from '../event-log.ts';
import { createPositionRelay } from '../position-relay.ts';
import type { RelayDeps } from '../relay.ts';

/** 5 ms between two questions whether writers are done, as in the position relay. */
const STILL_WRITING = 5;

/**
 * Rings by position everything from the last savepoint up to the newest event now. First it waits for the transactions
 * that were writing when the slot was made. Such a commit may be in the log before the slot and not be visible yet, and
 * would be rung neither way. Commits from now on are in the slot. Returns the position reached, or null if stopped.
 */
export async function catchUp(
  deps: RelayDeps,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Checkpoint | null> {
  deps.observe({ kind: 'catching-up', position: checkpoint.position });
  const relay = createPositionRelay(deps, checkpoint);
  let writers = await deps.log.writers();
  let upto: number | null = null;
  for (;;) {
    if (writers.size > 0) writers = writers.intersection(await deps.log.writers());
    if (writers.size === 0) upto ??= await deps.log.last();
    if (upto !== null && relay.checkpoint().position >= upto) return relay.checkpoint();
    const step = await relay.step(signal);
    if (signal.aborted || step === 'stopped') return null;
    if (step !== 'delivered') await deps.clock.sleep(STILL_WRITING, signal);
  }
}
