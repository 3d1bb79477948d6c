import type { Message } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';

/** Phases of the rings of one resource, from triage to an answer. */
export type Phase =
  /** In the window in which rings gather, if there is one. */
  | 'gathering'
  /** In line for the next look. */
  | 'ready'
  /** A look is under way. */
  | 'looking'
  /** The source was behind: the resource is asked for again after a short pause. */
  | 'resting';

/** The rings in hand for one resource: `waiting` for the next look, `looking` during one. */
export type Pending = {
  readonly id: string;
  phase: Phase;
  waiting: Ring[];
  looking: Ring[];
  /** Looks in a row that did not answer all rings. */
  staleTries: number;
};

/** A look under way. `start` in milliseconds. */
export type LookUnderWay = { group: readonly Pending[]; start: number };

/** All that the reducer knows. It holds at most as many rings as there are messages in hand. */
export type State = {
  pending: Map<string, Pending>;
  /** Those that are ready, in the order in which they became so. */
  line: Set<Pending>;
  looks: Map<number, LookUnderWay>;
  looksSoFar: number;
  /** Pauses of resources that the source was behind with, forgotten ones included. */
  pauses: number;
  isGathering: boolean;
  isLingering: boolean;
  isClosing: boolean;
};

/** Makes the state of a consumer that has nothing in hand. */
export function emptyState(): State {
  return {
    pending: new Map(),
    line: new Set(),
    looks: new Map(),
    looksSoFar: 0,
    pauses: 0,
    isGathering: false,
    isLingering: false,
    isClosing: false,
  };
}

/** Adds a ring to the rings of its resource; answers with the entry if it is a new one, or null. */
export function addRing({ pending }: State, ring: Ring): Pending | null {
  const known = pending.get(ring.id);
  if (known !== undefined) {
    known.waiting.push(ring);
    return null;
  }
  const fresh: Pending = { id: ring.id, phase: 'gathering', waiting: [ring], looking: [], staleTries: 0 };
  pending.set(ring.id, fresh);
  return fresh;
}

/** Puts an entry at the end of the line. */
export function makeReady({ line }: State, entry: Pending): void {
  entry.phase = 'ready';
  line.add(entry);
}

/** Takes up to `most` entries from the front of the line: their waiting rings are looked for now. */
export function takeFromLine({ line }: State, most: number): Pending[] {
  const group = line.values().take(most).toArray();
  for (const entry of group) {
    line.delete(entry);
    entry.phase = 'looking';
    entry.looking = entry.waiting;
    entry.waiting = [];
  }
  return group;
}

/** Takes an entry away. A timer that was set for it finds another entry, or none. */
export function forget({ pending, line }: State, entry: Pending): void {
  pending.delete(entry.id);
  line.delete(entry);
}

/** Takes a message out of the entry that it is in, and answers with that entry, or null. */
export function removeMessage({ pending }: State, { receiptHandle }: Message): Pending | null {
  for (const entry of pending.values())
    for (const rings of [entry.waiting, entry.looking]) {
      const place = rings.findIndex(({ message }) => message.receiptHandle === receiptHandle);
      // In place: the look that is under way holds the same list, and must see that the ring is gone.
      if (place >= 0) rings.splice(place, 1);
      if (place >= 0) return entry;
    }
  return null;
}
