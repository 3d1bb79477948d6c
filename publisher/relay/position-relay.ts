import type { Checkpoint } from './event-log.ts';
import { every } from './every.ts';
import { createFence, type Fence } from './fence.ts';
import { moveTo, type OpenRelay, READ, type Relay, type RelayDeps, ringAll, type Step } from './relay.ts';
import type { Ring } from './ring.ts';

/**
 * Makes the relay that follows the event table by position. Each step reads the next rings, publishes those that may go
 * out, and moves the checkpoint after SNS accepted all of them. A crash rings again and never skips. Throws
 * NotLeaderError.
 */
export function createPositionRelay(deps: RelayDeps, start: Checkpoint): Relay {
  const fence = createFence(deps.log.writers);
  const waiting = createWait(deps);
  let checkpoint = start;

  async function deliver(rings: Ring[], last: Ring, signal: AbortSignal): Promise<Step> {
    const rung = await ringAll(rings, deps, signal);
    if (rung === null) return 'stopped';
    checkpoint = await moveTo(deps, checkpoint, last.position);
    deps.observe({ kind: 'rung', ...rung });
    return 'delivered';
  }

  return {
    async step(signal) {
      const rings = await deps.log.readAfter(checkpoint.position, READ);
      const ready = fence.deliverable(rings, checkpoint.position);
      const last = ready.at(-1);
      if (last === undefined && rings.length > 0) return lookAtHole(rings, fence, waiting, checkpoint);
      waiting.over();
      return last === undefined ? 'idle' : deliver(ready, last, signal);
    },
    checkpoint: () => checkpoint,
    close: async () => {},
  };
}

/** 10 s between two checks for a slot that should not be there. */
const LOOK_AT_SLOT = 10_000;

/**
 * Opens the relay that follows by position. A slot left behind by the log relay keeps PostgreSQL from recycling its log
 * as long as no relay reads it. It is dropped here, or reported every 10 s where dropping fails.
 */
export const openPositionRelay: OpenRelay = async (deps, checkpoint) => {
  const relay = createPositionRelay(deps, checkpoint);
  const slot = await deps.log.replication.name();
  const isTimeToLook = every(LOOK_AT_SLOT, deps.clock.now);
  await dropUnused(deps, slot);
  return {
    ...relay,
    async step(signal) {
      if (isTimeToLook()) await dropUnused(deps, slot);
      return relay.step(signal);
    },
  };
};

async function dropUnused({ log, observe }: RelayDeps, name: string): Promise<void> {
  const slot = await log.replication.read(name);
  if (slot === null || slot.active) return;
  await log.replication
    .dropUnused(name)
    .catch(() => observe({ kind: 'slot-behind', slot: name, bytes: slot.bytes, status: slot.status }));
}

async function lookAtHole(rings: Ring[], fence: Fence, waiting: Wait, { position }: Checkpoint): Promise<Step> {
  if (await fence.look(rings.at(-1)?.position ?? position)) return 'delivered';
  waiting.goesOn(position);
  return 'blocked';
}

/** Reports a hole that stays open, again and again. */
type Wait = { goesOn: (position: number) => void; over: () => void };

/** 5 s: a transaction that writes events for longer holds up every ring. */
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
