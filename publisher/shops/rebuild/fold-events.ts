import type { Database } from '../../postgres/database.ts';
import { evolve } from '../domain/evolve.ts';
import type { Shop } from '../domain/shop.ts';
import { upcast, type WrittenEvent } from '../domain/upcast.ts';
import { type EventPlace, eventsAfter, type PlacedEvent } from './stored.ts';

/** A shop after one of its events. `shop` is null where the events can't be folded; `fault` says why. */
export type FoldedState = EventPlace & {
  type: WrittenEvent['type'];
  shop: Shop | null;
  fault: string | null;
  isLast: boolean;
};

/**
 * Folds the states of one shop or of all shops, event after event, in pages of some 1,000. Only the state being folded
 * is kept from page to page. It reads events only: no row, no snapshot.
 */
export async function* foldEvents(database: Database, only: string | null = null): AsyncGenerator<FoldedState[]> {
  let after: EventPlace = { id: only ?? '', version: 0 };
  /** Last state of the previous page: the next page shows whether it is its shop's last. */
  let held: FoldedState | null = null;
  for (;;) {
    const events = await eventsAfter(database, after, only);
    const states: FoldedState[] = held === null ? [] : [held];
    for (const event of events) states.push(next(states.at(-1), event));
    held = events.length === 0 ? null : (states.pop() ?? null);
    if (states.length > 0)
      yield states.map((state, n) => ({ ...state, isLast: (states[n + 1] ?? held)?.id !== state.id }));
    if (held === null) return;
    after = held;
  }
}

function next(before: FoldedState | undefined, { id, version, event }: PlacedEvent): FoldedState {
  const previous = before?.id === id ? before : { version: 0, shop: null, fault: null };
  const here = { id, version, type: event.type, isLast: false };
  if (previous.fault !== null) return { ...here, shop: null, fault: previous.fault };
  if (version !== previous.version + 1)
    return { ...here, shop: null, fault: `event ${previous.version + 1} is missing` };
  try {
    return { ...here, shop: evolve(previous.shop, upcast(event)), fault: null };
  } catch (error) {
    return { ...here, shop: null, fault: `event ${version}: ${(error as Error).message}` };
  }
}
