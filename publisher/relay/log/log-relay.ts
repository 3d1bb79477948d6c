import type pg from 'pg';
import type { Database } from '../../store/database.ts';
import { type Checkpoint, currentWriters, lastPosition, markCatchingUp } from '../event-log.ts';
import { every } from '../every.ts';
import { createPositionRelay } from '../position-relay.ts';
import { moveTo, type OpenRelay, READ, type Relay, type RelayDeps, RelayRefusal, ringAll } from '../relay.ts';
import type { Ring } from '../ring.ts';
import { createSavepoint } from './savepoint.ts';
import { createSlot, dropSlot, endOfLog, PUBLICATION, readSlot, slotName } from './slot.ts';
import { openWalStream, type WalStream } from './wal-stream.ts';

/** What the log relay needs besides what every relay needs. */
export type LogRelayDeps = {
  /** Opens a session in replication mode. */
  connect: () => Promise<pg.Client>;
  /** Called when there is something to ring. */
  onReady: () => void;
  /** Bytes of the log kept for the slot from which on `slot-behind` is said; 1 GiB by default. */
  slotLimit?: number;
};

const GIB = 2 ** 30;
/** Milliseconds: a savepoint a second, a look at the slot every ten. */
const EVERY = { savepoint: 1_000, slot: 10_000 };
/** 1 ms: a commit becomes visible right after its record was sent. */
const NOT_YET_VISIBLE = 1;
/** 5 ms: as often as the position relay asks. */
const STILL_WRITING = 5;

/**
 * Opens the relay that follows the write-ahead log. What a dropped slot did not keep is rung from the event table, from the
 * last savepoint. Throws RelayRefusal where the server or its user can't replicate.
 */
export function logRelay(log: LogRelayDeps): OpenRelay {
  return async (deps, checkpoint, signal) => {
    const { database, name } = deps;
    const slot = await slotName(database);
    const isNew = await ensureSlot(deps, checkpoint, slot);
    let start = checkpoint;
    if (isNew || checkpoint.catchingUp) {
      const caughtUp = await catchUp(deps, checkpoint, signal);
      if (caughtUp === null) return stoppedRelay(checkpoint);
      start = caughtUp;
      await markCatchingUp(database, name, checkpoint, false);
    }
    const client = await log.connect();
    try {
      const options = { client, slot, publication: PUBLICATION, clock: deps.clock, onReady: log.onReady };
      return createLogRelay(deps, start, await openWalStream(options), { slot, limit: log.slotLimit ?? GIB });
    } catch (error) {
      await client.end().catch(() => undefined);
      throw error;
    }
  };
}

/** Stopped before it began. */
const stoppedRelay = (checkpoint: Checkpoint): Relay => ({
  step: async () => 'stopped',
  checkpoint: () => checkpoint,
  close: async () => {},
});

/** True if the slot is new: what was committed before it will not be streamed. */
async function ensureSlot({ database, name }: RelayDeps, checkpoint: Checkpoint, slot: string): Promise<boolean> {
  const kept = await readSlot(database, slot);
  if (kept !== null && kept.status !== 'lost') return false;
  // Before the slot is: whoever finds it after a crash in between must know.
  await markCatchingUp(database, name, checkpoint, true);
  if (kept !== null) await dropSlot(database, slot);
  await createSlot(database, slot).catch(explainRefusal);
  return true;
}

/**
 * Everything above the last savepoint, by position, until whoever was writing when the slot was made is over: a commit that was in
 * the log before the slot and is not visible yet would come neither way. Answers with where it stands, or null if stopped.
 */
async function catchUp(deps: RelayDeps, checkpoint: Checkpoint, signal: AbortSignal): Promise<Checkpoint | null> {
  deps.observe({ kind: 'catching-up', position: checkpoint.position });
  const relay = createPositionRelay(deps, checkpoint);
  let writers = await currentWriters(deps.database);
  for (;;) {
    const wereOver = writers.size === 0;
    const step = await relay.step(signal);
    if (signal.aborted || step === 'stopped') return null;
    if (step === 'delivered') continue;
    if (step === 'idle' && wereOver) return relay.checkpoint();
    await deps.clock.sleep(STILL_WRITING, signal);
    writers = writers.intersection(await currentWriters(deps.database));
  }
}

const REFUSALS: Record<string, string> = {
  '42501':
    'The log relay needs a user with the attribute REPLICATION: alter role … replication, or DOORBELL_RELAY=position.',
  '55000': 'The log relay needs wal_level = logical: set it and restart PostgreSQL, or DOORBELL_RELAY=position.',
  '53400': 'PostgreSQL has no replication slot left: raise max_replication_slots, or DOORBELL_RELAY=position.',
};

function explainRefusal(cause: Error & { code?: string }): never {
  const known = REFUSALS[cause.code ?? ''];
  if (known !== undefined) throw new RelayRefusal(`${known} (${cause.message})`, { cause });
  throw new Error(`no replication slot yet (it waits for transactions that write): ${cause.message}`, { cause });
}

/** The relay's steps: what was streamed is rung when it is visible, and confirmed when SNS took it. */
function createLogRelay(
  deps: RelayDeps,
  start: Checkpoint,
  stream: WalStream,
  { slot, limit }: { slot: string; limit: number },
): Relay {
  const { database, clock } = deps;
  const savepoint = createSavepoint({
    lastPosition: () => lastPosition(database),
    writers: () => currentWriters(database),
    endOfLog: () => endOfLog(database),
  });
  const isTimeToSave = every(EVERY.savepoint, clock.now);
  const isTimeToWatch = every(EVERY.slot, clock.now);
  let checkpoint = start;

  async function save(): Promise<void> {
    const position = await savepoint.look(stream.confirmed());
    if (position === null || position <= checkpoint.position) return;
    checkpoint = await moveTo(deps, checkpoint, position);
  }

  return {
    async step(signal) {
      if (isTimeToSave()) await save();
      if (isTimeToWatch()) await watch(deps, slot, limit);
      const transactions = stream.take(READ);
      const last = transactions.at(-1);
      if (last === undefined) return 'idle';
      const rings = transactions.flatMap((transaction) => transaction.rings);
      if (!(await untilVisible(rings, deps, signal))) return 'stopped';
      const rung = await ringAll(rings, deps, signal);
      if (rung === null) return 'stopped';
      stream.confirm(last.end);
      if (rings.length > 0) deps.observe({ kind: 'rung', ...rung });
      return 'delivered';
    },
    checkpoint: () => checkpoint,
    close: () => stream.close(),
  };
}

/** The server sends a commit before others can see it: whoever looked at once would find the shop as it was. False if stopped. */
async function untilVisible(rings: Ring[], { database, clock }: RelayDeps, signal: AbortSignal): Promise<boolean> {
  const positions = rings.map(({ position }) => position);
  while ((await countVisible(database, positions)) < positions.length) {
    if (signal.aborted) return false;
    await clock.sleep(NOT_YET_VISIBLE, signal);
  }
  return true;
}

async function countVisible(database: Database, positions: number[]): Promise<number> {
  if (positions.length === 0) return 0;
  const { rows } = await database.query<{ visible: number }>(visibleOf, [positions]);
  return rows[0]?.visible ?? 0;
}
const visibleOf = {
  name: 'visible-of',
  text: 'select count(*) as visible from shop_events where id = any($1::bigint[])',
};

/** A slot that falls behind fills the disk, or is lost: somebody should know before. */
async function watch({ database, observe }: RelayDeps, name: string, limit: number): Promise<void> {
  const slot = await readSlot(database, name);
  if (slot === null || slot.status === 'lost') throw new Error(`the replication slot ${name} is gone`);
  const { bytes, status } = slot;
  if (bytes > limit || status === 'unreserved') observe({ kind: 'slot-behind', slot: name, bytes, status });
}
