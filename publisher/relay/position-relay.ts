import type { Database } from '../store/database.ts';
import type { Clock } from '../system.ts';
import { type Checkpoint, currentWriters, moveCheckpoint, parkRing, readAfter } from './event-log.ts';
import { createFence, type Fence } from './fence.ts';
import { type PublishDeps, publishInLanes } from './publish-lanes.ts';
import { collapse, type Publish, type Ring } from './ring.ts';

/** What a relay tells whoever watches it. */
export type RelayEvent =
  | { kind: 'leading'; epoch: number; position: number }
  | { kind: 'rung'; rings: Ring[]; collapsed: number }
  | { kind: 'retrying'; reason: string; rings: number; attempt: number }
  | { kind: 'parked'; ring: Ring; reason: string }
  /** A transaction that may still fill a hole has been open for so long. */
  | { kind: 'waiting-for-writer'; position: number; ms: number }
  | { kind: 'failed'; reason: string };

/** What a relay needs: everything outside it is a parameter. */
export type RelayDeps = {
  /** The leader's own session: it holds the lock. */
  database: Database;
  name: string;
  publish: Publish;
  clock: Clock;
  observe: (event: RelayEvent) => void;
};

/** `delivered`: there may be more. `idle`: nothing new. `blocked`: an open transaction may still fill a hole. */
export type Step = 'delivered' | 'idle' | 'blocked' | 'stopped';

/** Another relay has taken over: this one must not publish any more. */
export class NotLeaderError extends Error {
  override name = 'NotLeaderError';
}

/** 1,000 events a read: the database is not the limit, SNS is. */
const READ = 1_000;

/**
 * Follows the event table by position. Each step reads what is next, publishes what may go out, and moves the
 * checkpoint after SNS accepted all of it: a crash rings again and never skips. Throws NotLeaderError.
 */
export function createPositionRelay(
  deps: RelayDeps,
  start: Checkpoint,
): { step: (signal: AbortSignal) => Promise<Step> } {
  const fence = createFence(() => currentWriters(deps.database));
  const publishing = publishDeps(deps);
  const waiting = createWait(deps);
  let checkpoint = start;

  async function deliver(rings: Ring[], last: Ring, signal: AbortSignal): Promise<Step> {
    const collapsed = collapse(rings);
    if (!(await publishInLanes(collapsed, publishing, signal))) return 'stopped';
    if (!(await moveCheckpoint(deps.database, deps.name, checkpoint, last.position)))
      throw new NotLeaderError(`another relay has moved the checkpoint ${deps.name}`);
    checkpoint = { ...checkpoint, position: last.position };
    deps.observe({ kind: 'rung', rings: collapsed, collapsed: rings.length - collapsed.length });
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
  };
}

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

function publishDeps({ database, publish, clock, observe }: RelayDeps): PublishDeps {
  return {
    publish,
    clock,
    async park(ring, reason) {
      await parkRing(database, ring, reason);
      observe({ kind: 'parked', ring, reason });
    },
    onRetry: (reason, rings, attempt) => observe({ kind: 'retrying', reason, rings, attempt }),
  };
}
