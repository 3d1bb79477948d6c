import { BATCH_LIMIT } from '../../contracts/source-api.ts';
import type { Observe, Outcome } from './events.ts';
import type { Ring } from './inbox.ts';
import { StoreFailed, type Verdict, type Visit } from './look.ts';
import type { Settle } from './settle.ts';
import { SourceUnavailable } from './source-error.ts';
import { type Clock, jitter } from './system.ts';

/**
 * Where rings in hand wait for a look. Rings of one shop share a ticket: one look answers all of them, and one
 * that arrives during a look causes exactly one more, unless the answer covers it already.
 */
export type Desk = {
  /** Takes rings in hand and starts looking, if a place is free. */
  take: (rings: readonly Ring[]) => void;
  /** Hands back every ring that nobody is looking at, and from now on whatever a look leaves over. */
  close: () => void;
};

/** What a desk needs. */
export type DeskDeps = {
  look: (visits: readonly Visit[], signal: AbortSignal) => Promise<Verdict[]>;
  settle: Pick<Settle, 'ack' | 'giveBack' | 'bury'>;
  clock: Clock;
  observe: Observe;
  /** Called whenever a ring has left. */
  onLeft: () => void;
  /** Ends looks in flight. */
  signal: AbortSignal;
  limits?: Partial<DeskLimits>;
};

/** How much a desk does at once. */
export type DeskLimits = {
  /** Looks under way at once. With few, shops gather while they run: batches fill by themselves under load, and a quiet queue waits for nobody. */
  looks: number;
  /** Shops in one look. */
  shops: number;
  /** How often a stale shop is asked again at once, before its rings go back to the queue. */
  staleTries: number;
};

const LIMITS: DeskLimits = { looks: 4, shops: BATCH_LIMIT, staleTries: 4 };
/** Milliseconds: a replica is seldom more than a second behind. */
const STALE_PAUSE = { first: 50, most: 1_000 };
/** Seconds until a ring that was handed back is delivered again: doubled with each receive, up to 5 minutes. */
const RETURN = { first: 1, most: 300 };

/** `waiting` for the next look, `looking` during one. */
type Ticket = {
  id: string;
  waiting: Ring[];
  looking: Ring[];
  staleTries: number;
  place: 'ready' | 'looking' | 'resting';
};

/** Makes an empty desk. */
export function createDesk({ look, settle, clock, observe, onLeft, signal, limits: some }: DeskDeps): Desk {
  const limits = { ...LIMITS, ...some };
  const tickets = new Map<string, Ticket>();
  const ready: Ticket[] = [];
  let looks = 0;
  let closing = false;

  function left(settled: Promise<void>): void {
    void settled.then(onLeft);
  }

  function take(ring: Ring): void {
    const ticket = tickets.get(ring.id);
    if (ticket !== undefined) return void ticket.waiting.push(ring);
    const fresh: Ticket = { id: ring.id, waiting: [ring], looking: [], staleTries: 0, place: 'ready' };
    tickets.set(ring.id, fresh);
    ready.push(fresh);
  }

  function pump(): void {
    while (looks < limits.looks && ready.length > 0) {
      looks++;
      void run(ready.splice(0, limits.shops)).finally(() => {
        looks--;
        pump();
      });
    }
  }

  async function run(group: Ticket[]): Promise<void> {
    for (const ticket of group) {
      ticket.place = 'looking';
      ticket.looking = ticket.waiting;
      ticket.waiting = [];
    }
    const start = clock.now();
    const visits = group.map(({ id, looking }) => ({ id, rings: looking }));
    const verdicts = await look(visits, signal).catch((error: Error) => failed(error, group));
    if (verdicts === null) return;
    observe({ kind: 'looked', shops: group.length, ms: clock.now() - start });
    for (const [n, ticket] of group.entries()) conclude(ticket, verdicts[n] as Verdict, start);
  }

  /** An outage is not poison: the rings go back, and nothing counts against them. */
  function failed(error: Error, group: Ticket[]): null {
    const kind = error instanceof StoreFailed ? 'store-failed' : 'source-away';
    observe({ kind, reason: error.message, shops: group.length });
    const wait = error instanceof SourceUnavailable ? (error.retryAfter ?? 0) / 1_000 : 0;
    for (const ticket of group) giveUp(ticket, error.message, wait);
    return null;
  }

  function conclude(ticket: Ticket, verdict: Verdict, start: number): void {
    const rings = ticket.looking;
    ticket.looking = [];
    if (verdict.kind === 'poison') {
      bury(rings, verdict);
      next(ticket);
      return;
    }
    // Without a version, a ring is covered by whatever is no older than the view; never by "not found".
    const isCovered = ({ version = Math.max(1, verdict.held) }: Ring) => version <= verdict.version;
    // Rings that came during the look are answered by it only if its version says so.
    const early = ticket.waiting.filter(({ version }) => version !== undefined && version <= verdict.version);
    ticket.waiting = ticket.waiting.filter((ring) => !early.includes(ring));
    for (const ring of [...rings.filter(isCovered), ...early]) accept(ring, verdict, start);
    const stale = rings.filter((ring) => !isCovered(ring));
    if (stale.length === 0) ticket.staleTries = 0;
    if (stale.length === 0) next(ticket);
    else rest(ticket, stale, verdict.version);
  }

  function bury(rings: readonly Ring[], { reason, status, detail }: Verdict & { kind: 'poison' }): void {
    for (const { message } of rings)
      left(settle.bury({ message, reason, detail, ...(status !== undefined && { status }) }));
  }

  function accept(ring: Ring, { version, written, looked, gone }: Verdict & { kind: 'covered' }, start: number): void {
    const outcome: Outcome = written ? 'applied' : looked ? 'current' : 'skipped';
    const at = clock.now();
    observe({ kind: 'settled', ring, outcome, version, gone, at, ms: at - start });
    left(settle.ack(ring.message));
  }

  /** Stale is not failed: ask again soon, a few times, and then by visibility. */
  function rest(ticket: Ticket, stale: Ring[], found: number): void {
    ticket.waiting.unshift(...stale);
    ticket.staleTries++;
    for (const ring of stale) observe({ kind: 'stale', ring, found, tries: ticket.staleTries });
    if (ticket.staleTries > limits.staleTries || closing) giveUp(ticket, 'stale');
    else askAgainSoon(ticket);
  }

  function askAgainSoon(ticket: Ticket): void {
    ticket.place = 'resting';
    const pause = STALE_PAUSE.first + jitter(clock, ticket.staleTries, STALE_PAUSE.first, STALE_PAUSE.most);
    clock.after(pause, () => {
      if (ticket.place === 'resting') again(ticket);
    });
  }

  function giveUp(ticket: Ticket, reason: string, least = 0): void {
    const rings = [...ticket.looking, ...ticket.waiting];
    tickets.delete(ticket.id);
    ticket.place = 'ready';
    for (const { message } of rings) {
      const backoff = RETURN.first + jitter(clock, message.receiveCount, RETURN.first, RETURN.most);
      // Whoever asked us to wait is not asked before, but a wait without end is somebody's mistake.
      const seconds = closing ? 0 : Math.ceil(Math.max(backoff, Math.min(least, RETURN.most)));
      left(settle.giveBack(message, seconds, reason));
    }
  }

  function giveUpAll(): void {
    ready.length = 0;
    for (const ticket of [...tickets.values()]) if (ticket.place !== 'looking') giveUp(ticket, 'stopping');
  }

  function next(ticket: Ticket): void {
    if (ticket.waiting.length === 0) tickets.delete(ticket.id);
    else if (closing) giveUp(ticket, 'stopping');
    else again(ticket);
  }

  function again(ticket: Ticket): void {
    ticket.place = 'ready';
    ready.push(ticket);
    pump();
  }

  return {
    take(rings) {
      for (const ring of rings) take(ring);
      if (closing) giveUpAll();
      else pump();
    },
    close() {
      closing = true;
      giveUpAll();
    },
  };
}
