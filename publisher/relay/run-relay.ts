import type pg from 'pg';
import type { Database } from '../postgres/database.ts';
import type { Clock } from '../system.ts';
import type { EventLog } from './event-log.ts';
import { withGrace } from './grace.ts';
import { openPositionRelay } from './position-relay.ts';
import { createPruning } from './pruning.ts';
import { NotLeaderError, type OpenRelay, type RelayEvent, RelayRefusal, type Step } from './relay.ts';
import type { Publish } from './ring.ts';
import type { Wake } from './wake.ts';

/** Dependencies of running a relay. */
export type RunRelayDeps = {
  /** Opens a session of its own, never through a transaction-pooling proxy: the session holds the leader's lock. */
  connect: () => Promise<pg.Client>;
  /** Opens the change log on that session. */
  openLog: (database: Database) => EventLog;
  publish: Publish;
  clock: Clock;
  wake: Wake;
  observe: (event: RelayEvent) => void;
  /** Opens the relay that learns what was committed; by position by default. */
  open?: OpenRelay;
  /**
   * Aborts the step that is under way. By default the signal of `runRelay` aborts it; with `cut`, that signal lets
   * steps finish.
   */
  cut?: AbortSignal;
  /**
   * True if its database was a primary before. A standby then means that a failover is under way, not a wrong address.
   */
  hasStarted?: boolean;
  /** Milliseconds between two looks at the table without a wake-up; 100 by default. */
  poll?: number;
  /** Milliseconds between two tries to become the leader; 1,000 by default. */
  standby?: number;
  /** Maximum number of SNS calls in flight; 8 by default. */
  channels?: number | undefined;
  /** Name of the checkpoint. Both kinds of relay share one, so that one follows the other without a gap. */
  name?: string;
};

/** 1 s for a session to end politely: without an answer it would take minutes. */
const FAREWELL = 1_000;

/**
 * Milliseconds. `poll` catches commits without a wake-up; `hole` is the wait before asking again whether a writer is
 * done.
 */
const PAUSE = { poll: 100, hole: 5, standby: 1_000, broken: 1_000 };

/**
 * Runs the relay until the signal aborts. It leads if no other relay does, stands by otherwise, and starts over when
 * its connection breaks. Throws RelayRefusal where starting over can't help, as on a standby at the first start.
 */
export async function runRelay(options: RunRelayDeps, signal: AbortSignal): Promise<void> {
  const late = withGrace(options.cut ?? signal, options.clock);
  const publish: Publish = (rings) => options.publish(rings, late.signal);
  try {
    await leadUntil(signal, { ...options, publish, observe: guarded(options.observe) });
  } finally {
    late.end();
  }
}

async function leadUntil(signal: AbortSignal, deps: RunRelayDeps): Promise<void> {
  let { hasStarted = false } = deps;
  const startedOn = async (client: pg.Client) => {
    await refuseStandby(client, hasStarted);
    hasStarted = true;
  };
  while (!signal.aborted) {
    try {
      await leadOnce(deps, startedOn, signal);
    } catch (error) {
      if (error instanceof RelayRefusal) throw error;
      if (signal.aborted) return;
      deps.observe({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) });
      await deps.clock.sleep(error instanceof NotLeaderError ? PAUSE.standby : PAUSE.broken, signal);
    }
  }
}

async function leadOnce(
  deps: RunRelayDeps,
  startedOn: (client: pg.Client) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const client = await deps.connect();
  try {
    await startedOn(client);
    const log = deps.openLog(client);
    if (await becomesLeader(log, deps, signal)) await lead(client, log, deps, signal);
  } finally {
    await takeLeave(client, deps.clock);
  }
}

async function takeLeave(client: pg.Client, clock: Clock): Promise<void> {
  const ended = new AbortController();
  const left = client.end().then(
    () => true,
    () => true,
  );
  const isLeft = await Promise.race([left, clock.sleep(FAREWELL, ended.signal).then(() => false)]);
  ended.abort();
  if (!isLeft) (client as pg.Client & { connection: { stream: { destroy: () => void } } }).connection.stream.destroy();
}

/**
 * Waits for the lock on one connection, so that a relay on standby takes over at its next try. False when the signal
 * aborts before.
 */
async function becomesLeader(log: EventLog, deps: RunRelayDeps, signal: AbortSignal): Promise<boolean> {
  const { observe, clock, standby = PAUSE.standby } = deps;
  while (!signal.aborted) {
    if (await log.lead()) return true;
    observe({ kind: 'standing-by' });
    await clock.sleep(standby, signal);
  }
  return false;
}

async function lead(client: pg.Client, log: EventLog, deps: RunRelayDeps, signal: AbortSignal): Promise<void> {
  const { name = 'position', open = openPositionRelay, cut = signal } = deps;
  client.on('notification', deps.wake.wake);
  await log.listen();
  const checkpoint = await log.raiseEpoch(name);
  const last = await log.last();
  if (checkpoint.position > last)
    throw new RelayRefusal(
      `The checkpoint is at ${checkpoint.position}, but the last event is ${last}: was the database restored? ` +
        `Nothing was rung. ${log.remedies.restored(name, last)}`,
    );
  deps.observe({ kind: 'leading', epoch: checkpoint.epoch, position: checkpoint.position });
  const relay = await open({ ...deps, log, name }, checkpoint, cut);
  const prune = createPruning({ ...deps, log });
  try {
    while (!signal.aborted) {
      const step = await relay.step(cut);
      // Before the pause, which ends because there is something to ring.
      await prune(signal);
      await pause(step, deps, signal);
    }
  } finally {
    await relay.close();
  }
}

async function pause(step: Step, { wake, clock, poll = PAUSE.poll }: RunRelayDeps, signal: AbortSignal): Promise<void> {
  if (step === 'idle') await wake.wait(poll, signal);
  if (step === 'blocked') await clock.sleep(PAUSE.hole, signal);
}

async function refuseStandby(client: pg.Client, hasStarted: boolean): Promise<void> {
  const { rows } = await client.query<{ standby: boolean }>('select pg_is_in_recovery() as standby');
  if (!rows[0]?.standby) return;
  if (hasStarted) throw new Error('the database is a standby now: waiting for a primary');
  throw new RelayRefusal('The relay is connected to a standby; point DATABASE_URL at the primary.');
}

/** Wraps an observer so that an error in it stops nothing. */
function guarded(observe: (event: RelayEvent) => void): (event: RelayEvent) => void {
  return (event) => {
    try {
      observe(event);
    } catch {
      // An observer has to mend its own faults: the relay does not depend on it.
    }
  };
}
