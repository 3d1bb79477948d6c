import type { DeadLetter, Message } from './queue.ts';
import type { Ring } from './ring.ts';

/** The part of a consumer that a circuit protects. */
export type CircuitName = 'source' | 'store';

/** Reason why a source can't be asked now; a closed list. */
export type OutageKind =
  /** No answer, or an answer that means "not now": refused, reset, too slow, 429, 5xx. */
  | 'source-away'
  /** The source itself refuses the token of the agreement with 401 or 403. This says nothing about any resource. */
  | 'token-refused'
  /** The answer does not come from the source: a proxy's page, a redirect, a login. */
  | 'foreign-answer';

/** Ways in which a ring ends well. */
export type Outcome =
  /** The view was written. */
  | 'applied'
  /** After a look: the view was as new already. */
  | 'current'
  /** Without a look: the view was as new as the ring. */
  | 'skipped'
  /** Of a type that the agreement doesn't name: no look is needed. */
  | 'asleep';

/** Events that a consumer reports. A listener that throws changes nothing. */
export type ConsumerEvent =
  | { kind: 'received'; messages: number }
  | { kind: 'requested'; resources: number }
  | { kind: 'looked'; resources: number; ms: number }
  | { kind: 'settled'; ring: Ring; outcome: Outcome; version: number | null; gone: boolean; at: number; ms: number }
  | { kind: 'stale'; ring: Ring; found: number; tries: number }
  /** A ring that waited too long for its version: the source stays behind. */
  | { kind: 'stale-alarm'; ring: Ring; found: number; ms: number }
  /** The source shows other content under a version that is stored already. */
  | { kind: 'conflict'; id: string; version: number }
  | { kind: 'circuit'; of: CircuitName; state: 'open' | 'closed'; reason: string }
  /** Too many views would be closed: nothing is received until an operator resumes. */
  | { kind: 'held'; reason: string; closings: number; looks: number }
  /** An operator lets the consumer go on, which has held for `ms`. */
  | { kind: 'resumed'; ms: number }
  | { kind: 'extended'; messages: number }
  | { kind: 'lease-lost'; message: Message; reason: string }
  /** Dead letters that a later look made unnecessary, so that they were deleted. */
  | { kind: 'healed'; letters: number }
  | { kind: 'sweep-failed'; reason: string }
  /** No receive has completed for `ms`. */
  | { kind: 'not-receiving'; ms: number }
  | { kind: 'returned'; message: Message; seconds: number; reason: string }
  | { kind: 'buried'; letter: DeadLetter }
  /** A look failed as a whole because of the source: each kind has its own alarm. `id` is there if it asked for one. */
  | { kind: OutageKind; reason: string; resources: number; status?: number; id?: string }
  /** The source shows other resources and not this one: it is no outage. */
  | { kind: 'not-shown'; id: string; reason: string }
  | { kind: 'store-failed'; reason: string; resources: number }
  | { kind: 'receive-failed'; reason: string }
  /**
   * Changes of the feed were read. `late`: the number of changes that the source does not show yet. `isBehind`: there
   * are more changes to read. `since`: when the oldest change occurred that is not in the views, as far as it is known;
   * null if all are in the views.
   */
  | { kind: 'followed'; changes: number; late: number; isBehind: boolean; since: number | null }
  /** The rings of these changes did not come in time. The consumer looks at the resources now. */
  | { kind: 'missed'; changes: number }
  /** The feed could not be followed. It is tried again. */
  | { kind: 'follow-failed'; reason: string }
  /** The source has no feed. All of its pages are read instead, once an hour. */
  | { kind: 'no-feed' }
  /** Changes were removed before they were read, or the log of the source was replaced. All pages are read now. */
  | { kind: 'feed-lost'; why: 'expired' | 'replaced' }
  /** Views are made in another way than those in the store: all are made again, from the pages of the source. */
  | { kind: 'revised'; revision: string }
  /** All pages of the source are being read, `resources` so far; at the end `refilled`. */
  | { kind: 'refilling' | 'refilled'; resources: number }
  /** `onWritten` threw, or did not finish in time. The views are written. */
  | { kind: 'hook-failed'; reason: string; resources: number }
  /** The query API answered 500. */
  | { kind: 'query-failed'; reason: string }
  | { kind: 'settle-failed'; message: Message; reason: string };

/** Called with every event; errors that it throws are ignored. */
export type Observe = (event: ConsumerEvent) => void;

/** Wraps an observer so that an error in it stops nothing. */
export function guarded(observe: Observe): Observe {
  return (event) => {
    try {
      observe(event);
    } catch {
      // A fault of the listener must not stop the consumer.
    }
  };
}
