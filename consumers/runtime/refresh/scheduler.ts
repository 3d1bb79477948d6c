import type { Observe, OutageKind } from '../queue/events.ts';
import type { Message } from '../queue/queue.ts';
import { type Ring, waitedFor } from '../queue/ring.ts';
import type { Settle } from '../queue/settle.ts';
import { SourceUnavailable } from '../source/errors.ts';
import { type Clock, jitter } from '../system.ts';
import type { Action, Delay, Moment, RefreshEvent } from './actions.ts';
import { Held } from './hold.ts';
import type { Limiter } from './limiter.ts';
import type { RefreshRequest, RefreshResult } from './look.ts';
import { emptyState } from './pending.ts';
import { backoffSeconds, outageSeconds } from './redelivery.ts';
import { reduce } from './reduce.ts';

/**
 * Brings rings in hand to their looks, and messages out of hand. What is done when is decided by `reduce`; this is the
 * shell around it, with the timers and the calls.
 */
export type Scheduler = {
  /** Takes rings in hand and starts looking, if a place is free. */
  take: (rings: readonly Ring[]) => void;
  /** Lets go of a message that belongs to another worker by now, and of a look that was only for it. */
  drop: (message: Message) => void;
  /** Gives back every ring without a look under way, because source or store is away. */
  pause: (reason: string, delay: Delay) => void;
  /** Gives back everything at once, and from now on whatever a look leaves over. */
  close: () => void;
  /** Cuts off the looks under way. True if there were any. */
  abort: (reason: Error) => boolean;
};

/** Dependencies of a scheduler. */
export type SchedulerDeps = {
  look: (requests: readonly RefreshRequest[], signal: AbortSignal) => Promise<RefreshResult[]>;
  limiter: Limiter;
  settle: Pick<Settle, 'ack' | 'giveBack' | 'bury'>;
  clock: Clock;
  observe: Observe;
  /** Called whenever a message has left our hands. */
  onLeft: (message: Message) => void;
  /** A look that began at `start` has succeeded: one result per request. */
  onLooked: (requests: readonly RefreshRequest[], results: readonly RefreshResult[], start: number) => void;
  /** A look at these resources has failed as a whole. */
  onFailed: (error: Error, ids: readonly string[]) => void;
  limits?: Partial<SchedulerLimits>;
};

/** Times and limits of a scheduler. */
export type SchedulerLimits = {
  /** Milliseconds that the first ring waits for others, of its resource or of any: 0 for none, up to 2,000. */
  window: number;
  /** Number of times that a stale resource is asked for again at once, before its rings go back to the queue. */
  staleTries: number;
  /** Milliseconds after which a ring without an answer is an alarm. */
  staleAlarm: number;
};

/** Times and limits of a scheduler where none are given. */
export const SCHEDULER_LIMITS: SchedulerLimits = { window: 0, staleTries: 4, staleAlarm: 300_000 };
/** Milliseconds: a replica is seldom more than a second behind. */
const STALE_PAUSE = { first: 50, most: 1_000 };
/** A look under way holds up the next one for twice its usual time, and for at least 5 ms. */
const LINGER = { factor: 2, least: 5 };

type UnderWay = { requests: readonly RefreshRequest[]; start: number; cut: AbortController };

/** Makes a scheduler with nothing in hand. */
export function createScheduler(deps: SchedulerDeps): Scheduler {
  const { limiter, clock, observe } = deps;
  const limits = { ...SCHEDULER_LIMITS, ...deps.limits };
  const state = emptyState();
  const underWay = new Map<number, UnderWay>();
  const timers = new Map<'gather' | 'linger', () => void>();

  const moment = (): Moment => ({
    now: clock.now(),
    looks: limiter.looks(),
    resources: limiter.resources(),
    linger: Math.max(LINGER.least, limiter.usual() * LINGER.factor),
    window: limits.window,
    staleTries: limits.staleTries,
  });

  const performers: Performers = {
    ...waysOut(deps),
    look: ({ look, requests }) => void run(look, requests),
    cut: ({ look, reason }) => underWay.get(look)?.cut.abort(new Error(reason)),
    gather: () => setTimer('gather', limits.window, { kind: 'gathered' }),
    linger: ({ ms }) => setTimer('linger', ms, { kind: 'lingered' }),
    rest: ({ entry, tries }) => void clock.after(pauseAfter(tries, clock), () => send({ kind: 'rested', entry })),
    stale: (stale) => tellStale(stale, limits.staleAlarm, deps),
  };

  function send(event: RefreshEvent): void {
    for (const action of reduce(state, event, moment())) (performers[action.kind] as (action: Action) => void)(action);
  }

  function setTimer(name: 'gather' | 'linger', ms: number, event: RefreshEvent): void {
    timers.set(
      name,
      clock.after(ms, () => send(event)),
    );
  }

  async function run(look: number, requests: readonly RefreshRequest[]): Promise<void> {
    const current: UnderWay = { requests, start: clock.now(), cut: new AbortController() };
    underWay.set(look, current);
    const results = await deps.look(requests, current.cut.signal).catch((error: Error) => error);
    underWay.delete(look);
    if (results instanceof Error) failed(look, current, results);
    else succeeded(look, current, results);
  }

  function succeeded(look: number, { requests, start }: UnderWay, results: readonly RefreshResult[]): void {
    const ms = clock.now() - start;
    limiter.succeeded(ms);
    observe({ kind: 'looked', resources: requests.length, ms });
    deps.onLooked(requests, results, start);
    send({ kind: 'looked', look, results });
  }

  function failed(look: number, { requests, cut }: UnderWay, error: Error): void {
    const isCut = cut.signal.aborted;
    if (!isCut && !(error instanceof Held)) {
      limiter.failed();
      observe({ ...troubleOf(error, requests), reason: error.message, resources: requests.length });
      deps.onFailed(
        error,
        requests.map(({ id }) => id),
      );
    }
    const least = error instanceof SourceUnavailable ? (error.retryAfter ?? 0) / 1_000 : 0;
    send({ kind: 'look-failed', look, reason: error.message, least, isCut });
  }

  return {
    take: (rings) => send({ kind: 'rung', rings }),
    drop: (message) => send({ kind: 'lost', message }),
    pause: (reason, delay) => send({ kind: 'outage', reason, delay }),
    close() {
      for (const cancel of timers.values()) cancel();
      send({ kind: 'stopping' });
    },
    abort(reason) {
      for (const { cut } of underWay.values()) cut.abort(reason);
      return underWay.size > 0;
    },
  };
}

type Performers = { [Kind in Action['kind']]: (action: Action & { kind: Kind }) => void };

type LeaveDeps = Pick<SchedulerDeps, 'settle' | 'clock' | 'observe' | 'onLeft'>;

/** Actions by which messages leave our hands: answered, dead-lettered, given back, or lost to another worker. */
function waysOut({ settle, clock, observe, onLeft }: LeaveDeps) {
  return {
    ack({ ring, result, start }) {
      const { version, gone, written, looked } = result;
      const at = clock.now();
      const outcome = written ? 'applied' : looked ? 'current' : 'skipped';
      observe({ kind: 'settled', ring, outcome, version, gone, at, ms: at - start });
      settle.ack(ring.message, onLeft);
    },
    'give-back'({ message, reason, delay }) {
      void settle.giveBack(message, secondsOf(delay, message, clock), reason).then(() => onLeft(message));
    },
    'dead-letter'({ rings, result: { kind: _, version, ...fault } }) {
      for (const { message, version: rung } of rings) {
        const known = rung ?? version;
        const letter = { message, ...fault, ...(known !== undefined && { version: known }) };
        void settle.bury(letter).then(() => onLeft(message));
      }
    },
    'let-go': ({ message }) => onLeft(message),
  } satisfies Partial<Performers>;
}

function secondsOf(delay: Delay, message: Message, clock: Clock): number {
  if (delay === 'none') return 0;
  return delay === 'outage' ? outageSeconds(message, clock) : backoffSeconds(message, delay.backoff, clock);
}

function pauseAfter(tries: number, clock: Clock): number {
  return STALE_PAUSE.first + jitter(clock, tries, STALE_PAUSE.first, STALE_PAUSE.most);
}

function tellStale(stale: Action & { kind: 'stale' }, alarm: number, { clock, observe }: LeaveDeps): void {
  const { ring, found } = stale;
  observe(stale);
  const ms = waitedFor(ring, clock.now());
  if (ms >= alarm) observe({ kind: 'stale-alarm', ring, found, ms });
}

type Trouble = { kind: OutageKind; status?: number; id?: string } | { kind: 'store-failed' };

function troubleOf(error: Error, [one, ...others]: readonly RefreshRequest[]): Trouble {
  if (!(error instanceof SourceUnavailable)) return { kind: 'store-failed' };
  const { kind, status } = error;
  // Alone it may be its own fault, and no outage: then it is the same id every time.
  const isAlone = one !== undefined && others.length === 0;
  return { kind, ...(status !== undefined && { status }), ...(isAlone && { id: one.id }) };
}
