import { type Checkpoint, currentWriters, moveCheckpoint, readAfter } from './event-log.ts';
import { createFence, type Fence } from './fence.ts';
import { dropSlot, readSlot, slotName } from './log/slot.ts';
import { NotLeaderError, type OpenRelay, READ, type Relay, type RelayDeps, ringAll, type Step } from './relay.ts';
import type { Ring } from './ring.ts';

/**
 * Follows the event table by position. Each step reads what is next, publishes what may go out, and moves the
 * checkpoint after SNS accepted all of it: a crash rings again and never skips. Throws NotLeaderError.
 */
export function createPositionRelay(deps: RelayDeps, start: Checkpoint): Relay {
  const fence = createFence(() => currentWriters(deps.database));
  const waiting = createWait(deps);
  let checkpoint = start;

  async function deliver(rings: Ring[], last: Ring, signal: AbortSignal): Promise<Step> {
    const rung = await ringAll(rings, deps, signal);
    if (rung === null) return 'stopped';
    if (!(await moveCheckpoint(deps.database, deps.name, checkpoint, last.position)))
      throw new NotLeaderError(`another relay has moved the checkpoint ${deps.name}`);
    checkpoint = { ...checkpoint, position: last.position };
    deps.observe({ kind: 'rung', ...rung });
    return 'delivered';
  }

  return {
    async step(signal) {
      const rings = await readAfter(deps.database, checkpoint.position, READ);
      const ready = fence.deliverable(rings, checkpoint.position);
      const last = ready.at(-1);
      if (last === undefined && rings.length > 0) return lookAtHole(rings, fence, waiting, checkpoint);
      waiting.over();
      return last === undefined ? 'idle' : deliver(ready, last, signal);
    },
    close: async () => {},
  };
}

/**
 * Opens the relay that follows by position. A slot that the log relay left behind would keep the log from being recycled
 * for as long as nobody reads it: it is dropped, or reported if that is not allowed.
 */
export const openPositionRelay: OpenRelay = async (deps, checkpoint) => {
  const slot = await readSlot(deps.database, await slotName(deps.database));
  if (slot !== null && !slot.active)
    await dropSlot(deps.database, slot.name).catch(() =>
      deps.observe({ kind: 'slot-behind', slot: slot.name, bytes: slot.bytes, status: slot.status }),
    );
  return createPositionRelay(deps, checkpoint);
};

async function lookAtHole(rings: Ring[], fence: Fence, waiting: Wait, { position }: Checkpoint): Promise<Step> {
  if (await fence.look(rings.at(-1)?.position ?? position)) return 'delivered';
  waiting.goesOn(position);
  return 'blocked';
}

/** Says so when a hole stays open, and again every so often. */
type Wait = { goesOn: (position: number) => void; over: () => void };

/** 5 s: a transaction that writes events and is open for longer holds up every ring. */
const LONG_WAIT = 5_000;

function createWait({ clock, observe }: RelayDeps): Wait {
  let since: number | null = null;
  let said = 0;
  return {
    goesOn(position) {
      since ??= clock.now();
      const ms = clock.now() - since;
      if (ms < LONG_WAIT * (said + 1)) return;
      said = Math.floor(ms / LONG_WAIT);
      observe({ kind: 'waiting-for-writer', position, ms });
    },
    over() {
      since = null;
      said = 0;
    },
  };
}
