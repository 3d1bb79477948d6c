import type pg from 'pg';
import { metricLine, RELAY_LAG } from '../../contracts/environment/metrics.ts';
import type { Database } from '../postgres/database.ts';
import type { EventLog } from '../relay/event-log.ts';
import type { RelayEvent } from '../relay/relay.ts';
import type { Publish } from '../relay/ring.ts';
import { runRelay } from '../relay/run-relay.ts';
import { createWake } from '../relay/wake.ts';
import type { Clock } from '../system.ts';
import { isDoneWithin } from '../within.ts';

/** Dependencies of one shift of the relay. */
export type ShiftDeps = {
  stage: string;
  connect: () => Promise<pg.Client>;
  /** Opens the change log on such a session. */
  openLog: (database: Database) => EventLog;
  publish: Publish;
  clock: Clock;
  observe: (event: RelayEvent) => void;
  /** Writes one line to the log. */
  print: (line: string) => void;
};

/** Result of a shift: if it ever led, and the number of rings that SNS took. */
export type Shift = { led: boolean; rung: number };

/**
 * 65 s of leading or waiting, with one shift started each minute: for five seconds there are two, and the next one
 * stands by and takes over. No step begins in the last 8 s before the function would be killed, since a step takes half
 * a second and SNS may need a second try. A step is aborted 4 s before the end; calls that SNS is answering then have 2
 * s more. 1 s before the end it stops waiting for a silent database, whose query would take 6 s. A later answer changes
 * nothing, since the step was aborted.
 */
const SHIFT = { longest: 65_000, noStep: 8_000, givenUp: 4_000, left: 1_000 };
/** 100 ms: the longest pause in ringing between two shifts. */
const STANDBY = 100;
/** 15 s: four values per minute, for an alarm that evaluates each minute. */
const LAG_EVERY = 15_000;

/**
 * Runs the relay for a while, and waits while the database is a standby. It hands over between two steps, and reports
 * the age of the oldest event that is not rung. Throws RelayRefusal.
 */
export async function relayShift(deps: ShiftDeps, remaining: number): Promise<Shift> {
  const { clock, observe } = deps;
  const done = new AbortController();
  const after = (ms: number) => abortAfter(clock, Math.max(0, ms), done.signal);
  const isOver = after(Math.min(SHIFT.longest, remaining - SHIFT.noStep));
  const cut = after(remaining - SHIFT.givenUp);
  const shift = { led: false, rung: 0 };
  const watch = (event: RelayEvent) => {
    if (event.kind === 'leading') shift.led = true;
    if (event.kind === 'rung') shift.rung += event.rings.length;
    observe(event);
  };
  const measuring = tellLag(deps, isOver);

  async function relay(): Promise<void> {
    try {
      await runRelay(
        { ...deps, hasStarted: true, observe: watch, wake: createWake(clock), cut, standby: STANDBY },
        isOver,
      );
    } finally {
      done.abort();
      await measuring;
    }
  }

  if (!(await isDoneWithin(clock, remaining - SHIFT.left, relay())))
    observe({ kind: 'failed', reason: 'the database did not answer before the shift had to end' });
  return shift;
}

function abortAfter(clock: Clock, ms: number, done: AbortSignal): AbortSignal {
  const controller = new AbortController();
  void clock.sleep(ms, done).then(() => controller.abort());
  return controller.signal;
}

/**
 * Reports the lag on its own connection: a long step must not look like an empty queue. An alarm treats missing values
 * as the worst.
 */
async function tellLag({ stage, connect, openLog, clock, print }: ShiftDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const seconds = await lagOf(connect, openLog).catch(() => null);
    if (seconds !== null) print(metricLine({ Stage: stage }, [{ metric: RELAY_LAG, value: seconds }], clock.now()));
    await clock.sleep(LAG_EVERY, signal);
  }
}

async function lagOf(connect: ShiftDeps['connect'], openLog: ShiftDeps['openLog']): Promise<number> {
  const client = await connect();
  try {
    return await openLog(client).oldestWaiting('position');
  } finally {
    await client.end().catch(() => undefined);
  }
}
