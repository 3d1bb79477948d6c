import type { Observe } from '../queue/events.ts';
import type { Clock } from '../system.ts';
import type { HoldStore } from '../views/hold-store.ts';
import type { ViewRow, ViewStore } from '../views/view-store.ts';
import { BRAKE_LIMITS, type BrakeLimits } from './brake-limits.ts';
import { createClosings, type Shown } from './closings.ts';
import { describeHold, Held, type Hold } from './hold.ts';
import { createHoldKeeper } from './hold-keeper.ts';
import { type LookBrake, StoreFailed } from './look.ts';

/**
 * Holds the consumer when a mass of views would be closed, as by a source that says of everything that it is gone. It is
 * like a circuit that only a person can close, by `doorbell resume`.
 */
export type Brake = LookBrake & {
  /** Why nothing is received now, or null. */
  cause: () => Error | null;
  /** Resolves when it is known that the consumer does not hold, or when the signal aborts. */
  whenReleased: (signal: AbortSignal) => Promise<void>;
  stop: () => void;
};

/** Dependencies of the brake. */
export type BrakeDeps = {
  consumer: { agreement: { name: string } };
  store: Pick<ViewStore<unknown>, 'read' | 'count'>;
  holds: HoldStore;
  clock: Clock;
  observe: Observe;
  limits?: Partial<BrakeLimits>;
  onHeld: (error: Error) => void;
  onResumed: () => void;
};

/** 10 ids of each kind: more are in the source. 100 of what was closed before, so that a person can look at all. */
const MOST_IDS = { held: 10, closed: 100 };

/** 10 s: while a mass is closed, each look asks. */
const COUNTED = 10_000;

/** Makes the brake. It first reads from the store whether the consumer holds. */
export function createBrake(deps: BrakeDeps): Brake {
  const { consumer, store, holds, clock, observe } = deps;
  const limits = { ...BRAKE_LIMITS, ...deps.limits };
  const closings = createClosings(limits);
  const mass = createMass(deps, limits);
  let passUntil = 0;
  const reasonOf = (hold: Hold) => describeHold(hold, consumer.agreement.name);

  const keeper = createHoldKeeper({
    ...{ holds, clock, limits },
    onFailed: ({ message }) => observe({ kind: 'store-failed', reason: message, resources: 0 }),
    onHeld(hold) {
      const error = new Held(reasonOf(hold));
      observe({ kind: 'held', reason: error.message, closings: hold.closings, looks: hold.looks });
      deps.onHeld(error);
    },
    onPassing(until) {
      passUntil = Math.max(passUntil, until);
    },
    onResumed({ since }) {
      observe({ kind: 'resumed', ms: clock.now() - since });
      deps.onResumed();
    },
  });

  function check(): void {
    const hold = keeper.hold();
    if (hold !== null) throw new Held(reasonOf(hold));
  }

  /** Holds, if these closings make too many. */
  async function judge(closing: ReadonlySet<string>): Promise<void> {
    const now = clock.now();
    const many = closings.tooMany(now);
    if (many === null || many.closings < (await mass(now))) return;
    if (keeper.hold() !== null) return;
    if (now < passUntil) passUntil = Math.max(passUntil, now + limits.window);
    else {
      const closed = many.closed.filter((id) => !closing.has(id)).slice(0, MOST_IDS.closed);
      keeper.begin({ ...many, since: now, ids: [...closing].slice(0, MOST_IDS.held), closed });
    }
  }

  return {
    check,
    async admit(shown: readonly Shown[], rows) {
      const closing = await closedBy(rows, store);
      closings.add(shown, closing, clock.now());
      if (closing.size === 0) return;
      if (keeper.hold() === null) await judge(closing);
      check();
    },
    cause() {
      const hold = keeper.hold();
      return hold === null ? keeper.failure() : new Held(reasonOf(hold));
    },
    whenReleased: keeper.whenReleased,
    stop: keeper.stop,
  };
}

/**
 * Makes the question from how many closings on they are a mass: a share of all views, but not more than `most`. 0 where
 * the store can't count its views: the share of the latest looks decides alone.
 */
function createMass({ store }: Pick<BrakeDeps, 'store'>, { share, most }: BrakeLimits) {
  let counted = { all: 0, at: Number.NEGATIVE_INFINITY };
  return async (now: number): Promise<number> => {
    if (store.count === undefined) return 0;
    if (now >= counted.at + COUNTED) counted = { all: await store.count().catch(storeFailed), at: now };
    return Math.min(most, share * counted.all);
  };
}

/** The views among these rows that are there now, and that the rows would close. Throws StoreFailed. */
async function closedBy(rows: readonly ViewRow<unknown>[], store: BrakeDeps['store']): Promise<Set<string>> {
  const gone = rows.filter(({ view }) => view === null).map(({ id }) => id);
  if (gone.length === 0) return new Set();
  const stored = await store.read(gone).catch(storeFailed);
  const open = new Set(stored.filter(({ view }) => view !== null).map(({ id }) => id));
  return new Set(gone.filter((id) => open.has(id)));
}

function storeFailed(cause: Error): never {
  throw new StoreFailed(cause.message, { cause });
}
