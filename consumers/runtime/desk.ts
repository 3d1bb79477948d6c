import { createExits, type ExitDeps, returnAfter } from './exits.ts';
import { type Ring, waitedFor } from './inbox.ts';
import type { Limiter } from './limiter.ts';
import type { Verdict, Visit } from './look.ts';
import type { Message } from './queue.ts';
import { sortOut } from './sort-out.ts';
import { type OutageKind, SourceUnavailable } from './source-error.ts';
import { jitter } from './system.ts';
import { createTickets, type Ticket } from './tickets.ts';

/**
 * Where rings in hand wait for a look. Rings of one shop share a ticket: one look answers all of them, and one
 * that arrives during a look causes exactly one more, unless the answer covers it already.
 */
export type Desk = {
  /** Takes rings in hand and starts looking, if a place is free. */
  take: (rings: readonly Ring[]) => void;
  /** Gives up a message that belongs to somebody else by now, and the look that was only for it. */
  drop: (message: Message) => void;
  /** Hands back every ring that nobody is looking at, after as many seconds as `after` says. */
  handBack: (reason: string, after: (message: Message) => number) => void;
  /** Hands back everything at once, and from now on whatever a look leaves over. */
  close: () => void;
  /** Gives up the looks under way. True if there were any. */
  abort: (reason: Error) => boolean;
};

/** What a desk needs. */
export type DeskDeps = ExitDeps & {
  look: (visits: readonly Visit[], signal: AbortSignal) => Promise<Verdict[]>;
  limiter: Limiter;
  /** A look that began at `start` has succeeded: one verdict per visit. */
  onLooked: (visits: readonly Visit[], verdicts: readonly Verdict[], start: number) => void;
  /** A look at these shops has failed as a whole. */
  onFailed: (error: Error, ids: readonly string[]) => void;
  limits?: Partial<DeskLimits>;
};

/** How a desk waits. */
export type DeskLimits = {
  /** Milliseconds that the first ring waits for others, of its shop or of any: 0 for none, up to 2,000. */
  window: number;
  /** How often a stale shop is asked again at once, before its rings go back to the queue. */
  staleTries: number;
  /** Milliseconds after which a ring that nobody could answer is an alarm. */
  staleAlarm: number;
};

/** What a desk does where nobody says otherwise. */
export const DESK_LIMITS: DeskLimits = { window: 0, staleTries: 4, staleAlarm: 300_000 };
/** Milliseconds: a replica is seldom more than a second behind. */
const STALE_PAUSE = { first: 50, most: 1_000 };
/** 200 shops that are asked again soon; more than that are not a replica that lags but noise, and go back to the queue. */
const MOST_RESTING = 200;
/** A look that takes twice as long as usual, and at least 5 ms, holds up nobody else. */
const LINGER = { factor: 2, least: 5 };

const atOnce = () => 0;

/** One look under way. */
type UnderWay = { group: Ticket[]; start: number; cut: AbortController };

function troubleOf(error: Error): { kind: OutageKind; status?: number } | { kind: 'store-failed' } {
  if (!(error instanceof SourceUnavailable)) return { kind: 'store-failed' };
  return { kind: error.kind, ...(error.status !== undefined && { status: error.status }) };
}

/** Makes an empty desk. */
export function createDesk(deps: DeskDeps): Desk {
  const { look, limiter, clock, observe, onLeft, onLooked, onFailed } = deps;
  const exits = createExits(deps);
  const limits = { ...DESK_LIMITS, ...deps.limits };
  const tickets = createTickets();
  const underWay = new Set<UnderWay>();
  let cancelLinger: (() => void) | null = null;
  let cancelWindow: (() => void) | null = null;
  let isClosing = false;
  let resting = 0;

  /** Shops gather while others are looked for: batches fill by themselves under load, and a quiet queue waits for nobody. */
  function pump(): void {
    while (tickets.inLine() > 0 && underWay.size < limiter.looks() && shouldStart())
      void run(tickets.next(limiter.shops()));
    if (tickets.inLine() > 0 && underWay.size > 0) linger();
  }

  function shouldStart(): boolean {
    if (underWay.size === 0 || tickets.inLine() >= limiter.shops()) return true;
    const newest = Math.max(...[...underWay].map(({ start }) => start));
    return clock.now() - newest >= lingerTime();
  }

  const lingerTime = () => Math.max(LINGER.least, limiter.usual() * LINGER.factor);

  function linger(): void {
    cancelLinger ??= clock.after(lingerTime(), () => {
      cancelLinger = null;
      pump();
    });
  }

  async function run(group: Ticket[]): Promise<void> {
    const current: UnderWay = { group, start: clock.now(), cut: new AbortController() };
    underWay.add(current);
    const visits = group.map(({ id, looking }) => ({ id, rings: looking }));
    const verdicts = await look(visits, current.cut.signal).catch((error: Error) => error);
    underWay.delete(current);
    const ms = clock.now() - current.start;
    if (verdicts instanceof Error) failed(verdicts, current);
    else {
      limiter.succeeded(ms);
      observe({ kind: 'looked', shops: group.length, ms });
      onLooked(visits, verdicts, current.start);
      for (const [n, ticket] of group.entries()) conclude(ticket, verdicts[n] as Verdict, current.start);
    }
    pump();
  }

  /** An outage is not poison: the rings go back, and nothing counts against them. */
  function failed(error: Error, { group, cut }: UnderWay): void {
    const asked = error instanceof SourceUnavailable ? (error.retryAfter ?? 0) / 1_000 : 0;
    for (const ticket of group) {
      // What came in after its look was given up on deserves a look of its own.
      if (cut.signal.aborted && ticket.looking.length === 0) goOn(ticket);
      else giveUp(ticket, error.message, asked);
    }
    if (cut.signal.aborted) return;
    limiter.failed();
    observe({ ...troubleOf(error), reason: error.message, shops: group.length });
    onFailed(
      error,
      group.map(({ id }) => id),
    );
  }

  function conclude(ticket: Ticket, verdict: Verdict, start: number): void {
    const { looking, waiting } = ticket;
    ticket.looking = [];
    if (verdict.kind === 'covered') {
      const sorted = sortOut(verdict, looking, waiting);
      ticket.waiting = sorted.waiting;
      for (const ring of sorted.done) exits.accept(ring, verdict, start);
      if (sorted.stale.length > 0) rest(ticket, sorted.stale, verdict.version);
      else goOn(ticket);
    } else {
      exits.bury(looking, verdict);
      goOn(ticket);
    }
  }

  /** Stale is not failed: ask again soon, a few times, and then by visibility. */
  function rest(ticket: Ticket, stale: Ring[], found: number): void {
    ticket.waiting.unshift(...stale);
    ticket.staleTries++;
    for (const ring of stale) {
      observe({ kind: 'stale', ring, found, tries: ticket.staleTries });
      const ms = waitedFor(ring, clock.now());
      if (ms >= limits.staleAlarm) observe({ kind: 'stale-alarm', ring, found, ms });
    }
    if (ticket.staleTries > limits.staleTries || isClosing || resting >= MOST_RESTING) giveUp(ticket, 'stale');
    else askAgainSoon(ticket);
  }

  function askAgainSoon(ticket: Ticket): void {
    ticket.place = 'resting';
    resting++;
    const pause = STALE_PAUSE.first + jitter(clock, ticket.staleTries, STALE_PAUSE.first, STALE_PAUSE.most);
    clock.after(pause, () => {
      resting--;
      if (ticket.place === 'resting') again(ticket);
    });
  }

  /** Hands back all rings of a ticket, to be delivered again after a while that grows with each receive. */
  function giveUp(ticket: Ticket, reason: string, least = 0): void {
    tickets.forget(ticket);
    for (const { message } of [...ticket.looking, ...ticket.waiting])
      exits.giveBack(message, reason, isClosing ? 0 : returnAfter(message, least, clock));
  }

  function goOn(ticket: Ticket): void {
    ticket.staleTries = 0;
    if (ticket.waiting.length === 0) tickets.forget(ticket);
    else if (isClosing) giveUp(ticket, 'stopping');
    else again(ticket);
  }

  function again(ticket: Ticket): void {
    tickets.ready(ticket);
    pump();
  }

  function begin(ticket: Ticket): void {
    if (limits.window === 0) tickets.ready(ticket);
    else cancelWindow ??= clock.after(limits.window, closeWindow);
  }

  /** All that gathered since the first of them go together. */
  function closeWindow(): void {
    cancelWindow = null;
    for (const ticket of tickets.all()) if (ticket.place === 'gathering') tickets.ready(ticket);
    pump();
  }

  function handBack(reason: string, after: (message: Message) => number): void {
    for (const ticket of tickets.all()) {
      if (ticket.place === 'looking') continue;
      tickets.forget(ticket);
      for (const { message } of ticket.waiting) exits.giveBack(message, reason, after(message));
    }
  }

  return {
    take(rings) {
      for (const ring of rings) {
        const fresh = tickets.add(ring);
        if (fresh !== null) begin(fresh);
      }
      if (isClosing) handBack('stopping', atOnce);
      else pump();
    },
    drop(message) {
      const ticket = tickets.remove(message);
      onLeft(message);
      if (ticket !== null && ticket.place !== 'looking' && ticket.waiting.length === 0) tickets.forget(ticket);
      for (const { group, cut } of underWay)
        if (group.every(({ looking }) => looking.length === 0)) cut.abort(new Error('lease lost'));
    },
    handBack,
    abort(reason) {
      for (const { cut } of underWay) cut.abort(reason);
      return underWay.size > 0;
    },
    close() {
      isClosing = true;
      cancelLinger?.();
      cancelWindow?.();
      handBack('stopping', atOnce);
    },
  };
}
