import type { Clock } from '../system.ts';
import type { Checkpoint, EventLog } from './event-log.ts';
import { type PublishDeps, publishInChannels } from './publish-channels.ts';
import { collapse, type Publish, type Ring } from './ring.ts';

/** Events that a relay reports. */
export type RelayEvent =
  | { kind: 'leading'; epoch: number; position: number }
  /** Another relay leads. */
  | { kind: 'standing-by' }
  | { kind: 'rung'; rings: Ring[]; collapsed: number }
  | { kind: 'retrying'; reason: string; rings: number; attempt: number }
  | { kind: 'parked'; ring: Ring; reason: string }
  /** A transaction that may still fill a hole has been open for `ms`. */
  | { kind: 'waiting-for-writer'; position: number; ms: number }
  /** The log relay's slot was missing or lost: events after `position` are rung from the event table. */
  | { kind: 'catching-up'; position: number }
  /** A replication slot keeps `bytes` of the log from being recycled; `status` is the `wal_status` of PostgreSQL. */
  | { kind: 'slot-behind'; slot: string; bytes: number; status: string }
  /** Old changes were removed, which every relay has passed. */
  | { kind: 'pruned'; changes: number }
  /** Removing old changes failed; the relay goes on. */
  | { kind: 'prune-failed'; reason: string }
  | { kind: 'failed'; reason: string };

/** Dependencies of a relay: everything outside it is a parameter. */
export type RelayDeps = {
  /** Change log on the leader's session, which holds the lock. */
  log: EventLog;
  name: string;
  publish: Publish;
  clock: Clock;
  observe: (event: RelayEvent) => void;
  /** Maximum number of SNS calls in flight. */
  channels?: number | undefined;
};

/**
 * Result of a step. `delivered`: there may be more. `idle`: nothing new. `blocked`: an open transaction may still fill
 * a hole.
 */
export type Step = 'delivered' | 'idle' | 'blocked' | 'stopped';

/** A relay that leads. Both kinds take one step at a time; `step` throws NotLeaderError. */
export type Relay = {
  step: (signal: AbortSignal) => Promise<Step>;
  /** Its place. */
  checkpoint: () => Checkpoint;
  close: () => Promise<void>;
};

/** Opens a relay at the checkpoint where the previous relay stopped. */
export type OpenRelay = (deps: RelayDeps, checkpoint: Checkpoint, signal: AbortSignal) => Promise<Relay>;

/** Another relay has taken over: this one must stop publishing. */
export class NotLeaderError extends Error {
  override name = 'NotLeaderError';
}

/** The relay can't work with this database as it is; a person must decide. */
export class RelayRefusal extends Error {
  override name = 'RelayRefusal';
}

/**
 * 5,000 events a step: fewer reads than with 1,000 (docs/performance.md). SNS takes them in half a second, and a crash
 * rings them again.
 */
export const READ = 5_000;

/** Moves the checkpoint. Throws NotLeaderError. */
export async function moveTo({ log, name }: RelayDeps, checkpoint: Checkpoint, position: number): Promise<Checkpoint> {
  if (!(await log.moveCheckpoint(name, checkpoint, position)))
    throw new NotLeaderError(`another relay has moved the checkpoint ${name}`);
  return { ...checkpoint, position };
}

/** Publishes rings, collapsed. Returns when SNS accepted or parked each of them; null if stopped before. */
export async function ringAll(
  rings: Ring[],
  deps: RelayDeps,
  signal: AbortSignal,
): Promise<{ rings: Ring[]; collapsed: number } | null> {
  const collapsed = collapse(rings);
  if (!(await publishInChannels(collapsed, publishDeps(deps), signal))) return null;
  return { rings: collapsed, collapsed: rings.length - collapsed.length };
}

function publishDeps({ log, publish, clock, observe, channels }: RelayDeps): PublishDeps {
  return {
    publish,
    clock,
    channels,
    async park(ring, reason) {
      await log.park(ring, reason);
      observe({ kind: 'parked', ring, reason });
    },
    onRetry: (reason, rings, attempt) => observe({ kind: 'retrying', reason, rings, attempt }),
  };
}
