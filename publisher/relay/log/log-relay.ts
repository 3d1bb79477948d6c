import type pg from 'pg';
import { codeOf } from '../../postgres/faults.ts';
import type { Checkpoint } from '../event-log.ts';
import { every } from '../every.ts';
import { moveTo, type OpenRelay, READ, type Relay, type RelayDeps, RelayRefusal, ringAll } from '../relay.ts';
import type { Ring } from '../ring.ts';
import { catchUp } from './catch-up.ts';
import { createSavepoint } from './savepoint.ts';
import { openWalStream, type WalStream } from './wal-stream.ts';
import { startWatch, type Watch } from './watch-slot.ts';

/** Settings and callbacks that the log relay needs beside those of every relay. */
export type LogRelayDeps = {
  /** Opens a session in replication mode. */
  connect: () => Promise<pg.Client>;
  /** Called when there is something to ring. */
  onReady: () => void;
  /** Bytes of the log kept for the slot above which `slot-behind` is reported; 1 GiB by default. */
  slotLimit?: number;
};

const GIB = 2 ** 30;
/** Milliseconds between two savepoints. */
const SAVE = 1_000;
/** 1 ms: a commit becomes visible just after its record was sent. */
const NOT_YET_VISIBLE = 1;

/**
 * Opens the relay that follows the write-ahead log. Events that a dropped slot did not keep are rung from the event
 * table, from the last savepoint on. Throws RelayRefusal where the server or its user can't replicate.
 */
export function logRelay(settings: LogRelayDeps): OpenRelay {
  return async (deps, checkpoint, signal) => {
    try {
      await requirePublication(deps, checkpoint);
      return await openLogRelay(settings, deps, checkpoint, signal);
    } catch (error) {
      throw explained(error as Error);
    }
  };
}

async function openLogRelay(
  settings: LogRelayDeps,
  deps: RelayDeps,
  checkpoint: Checkpoint,
  signal: AbortSignal,
): Promise<Relay> {
  const { log, name } = deps;
  const slot = await log.replication.name();
  const watch = startWatch(deps, slot, settings.slotLimit ?? GIB);
  try {
    let start = checkpoint;
    if ((await ensureSlot(deps, checkpoint, slot)) || checkpoint.catchingUp) {
      const caughtUp = await catchUp(deps, checkpoint, signal);
      if (caughtUp === null) {
        watch.stop();
        return stoppedRelay(checkpoint);
      }
      start = caughtUp;
      await log.markCatchingUp(name, checkpoint, false);
    }
    const stream = await openStream(settings, deps, slot);
    watch.expectActive();
    return createLogRelay(deps, start, stream, watch);
  } catch (error) {
    watch.stop();
    throw error;
  }
}

async function openStream(
  { connect, onReady }: LogRelayDeps,
  { log, clock }: RelayDeps,
  slot: string,
): Promise<WalStream> {
  const { publication, columns } = log.replication;
  const client = await connect();
  try {
    return await openWalStream({ client, slot, publication, columns, clock, onReady });
  } catch (error) {
    client.end().catch(() => undefined);
    throw error;
  }
}

/**
 * Refuses a publication that leaves inserts out: no stream has them, the slot moves past them, and the table must ring
 * them.
 */
async function requirePublication({ log, name }: RelayDeps, checkpoint: Checkpoint): Promise<void> {
  if (await log.replication.isPublished()) return;
  await log.markCatchingUp(name, checkpoint, true);
  throw new RelayRefusal(log.remedies.publication);
}

/** Makes a relay that was stopped before it began. */
const stoppedRelay = (checkpoint: Checkpoint): Relay => ({
  step: async () => 'stopped',
  checkpoint: () => checkpoint,
  close: async () => {},
});

/** Creates the slot if there is none. True if the slot is new: earlier commits will not be streamed. */
async function ensureSlot({ log, name }: RelayDeps, checkpoint: Checkpoint, slot: string): Promise<boolean> {
  const kept = await log.replication.read(slot);
  if (kept !== null && kept.status !== 'lost') return false;
  // Stored before the slot is made: after a crash in between, the next relay must know that it has to catch up.
  await log.markCatchingUp(name, checkpoint, true);
  if (kept !== null) await log.replication.drop(slot);
  await log.replication.create(slot).catch(explainLevel);
  return true;
}

const REFUSALS: Record<string, string> = {
  '42501':
    'The log relay needs a user with the attribute REPLICATION: alter role … replication, or DOORBELL_RELAY=position.',
  '53400': 'PostgreSQL has no replication slot left: raise max_replication_slots, or DOORBELL_RELAY=position.',
};

/**
 * Explains error 55000. For a slot being created, it means that wal_level is too low. For a slot being read, it may
 * mean that the server invalidated the slot just now.
 */
function explainLevel(cause: Error & { code?: string }): never {
  if (cause.code !== '55000') throw cause;
  const remedy = 'set it and restart PostgreSQL, or DOORBELL_RELAY=position';
  throw new RelayRefusal(`The log relay needs wal_level = logical: ${remedy}. (${cause.message})`, { cause });
}

/** 57014 and 55P03: the server's timeout ended. */
const NO_SLOT_YET = new Set(['57014', '55P03']);

function explained(cause: Error): Error {
  const code = codeOf(cause) ?? '';
  const known = REFUSALS[code];
  if (known !== undefined) return new RelayRefusal(`${known} (${cause.message})`, { cause });
  if (!NO_SLOT_YET.has(code)) return cause;
  return new Error(`no replication slot yet (it waits for transactions that write): ${cause.message}`, { cause });
}

/** Makes the relay's steps. Streamed events are rung once they are visible, and confirmed once SNS accepted them. */
function createLogRelay(deps: RelayDeps, start: Checkpoint, stream: WalStream, watch: Watch): Relay {
  const { log, clock } = deps;
  const savepoint = createSavepoint({
    lastPosition: log.last,
    writers: log.writers,
    endOfLog: log.replication.endOfLog,
  });
  const isTimeToSave = every(SAVE, clock.now);
  let checkpoint = start;

  async function save(): Promise<void> {
    // Checked before anything counts as rung: inserts that a publication leaves out are in no stream.
    await requirePublication(deps, checkpoint);
    const position = await savepoint.look(stream.confirmed());
    if (position === null || position <= checkpoint.position) return;
    checkpoint = await moveTo(deps, checkpoint, position);
  }

  return {
    async step(signal) {
      if (isTimeToSave()) await save();
      watch.throwIfBroken();
      const transactions = stream.take(READ);
      const last = transactions.at(-1);
      if (last === undefined) return 'idle';
      const rings = transactions.flatMap((transaction) => transaction.rings);
      if (!(await untilVisible(rings, checkpoint, deps, signal))) return 'stopped';
      const rung = await ringAll(rings, deps, signal);
      if (rung === null) return 'stopped';
      stream.confirm(last.end);
      if (rings.length > 0) deps.observe({ kind: 'rung', ...rung });
      return 'delivered';
    },
    checkpoint: () => checkpoint,
    close() {
      watch.stop();
      return stream.close();
    },
  };
}

/**
 * Waits until the commits are visible. The server sends a commit before others can see it, so a consumer that asked at
 * once would get the old state. False if stopped.
 */
async function untilVisible(
  rings: Ring[],
  checkpoint: Checkpoint,
  { log, clock }: RelayDeps,
  signal: AbortSignal,
): Promise<boolean> {
  // A server that crashed sends again what was confirmed. Up to the checkpoint it was visible, and may be removed now.
  const positions = rings.map(({ position }) => position).filter((position) => position > checkpoint.position);
  while ((await log.countVisible(positions)) < positions.length) {
    if (signal.aborted) return false;
    await clock.sleep(NOT_YET_VISIBLE, signal);
  }
  return true;
}
