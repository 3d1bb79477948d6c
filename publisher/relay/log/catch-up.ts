import { type Checkpoint, currentWriters, lastPosition } from '../event-log.ts';
import { createPositionRelay } from '../position-relay.ts';
import type { RelayDeps } from '../relay.ts';

/** 5 ms: as often as the position relay asks. */
const STILL_WRITING = 5;

/**
 * Everything above the last savepoint and up to what is there now, by position, once whoever was writing when the slot was made is
 * over: a commit that was in the log before the slot and is not visible yet would come neither way. What is committed from now on
 * the slot has. Answers with where it stands, or null if stopped.
 */
export async function catchUp(
  deps: RelayDeps,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Checkpoint | null> {
  deps.observe({ kind: 'catching-up', position: checkpoint.position });
  const relay = createPositionRelay(deps, checkpoint);
  let writers = await currentWriters(deps.database);
  let upto: number | null = null;
  for (;;) {
    if (writers.size > 0) writers = writers.intersection(await currentWriters(deps.database));
    if (writers.size === 0) upto ??= await lastPosition(deps.database);
    if (upto !== null && relay.checkpoint().position >= upto) return relay.checkpoint();
    const step = await relay.step(signal);
    if (signal.aborted || step === 'stopped') return null;
    if (step !== 'delivered') await deps.clock.sleep(STILL_WRITING, signal);
  }
}
