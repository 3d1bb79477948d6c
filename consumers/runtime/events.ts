import type { Ring } from './inbox.ts';
import type { DeadLetter, Message } from './queue.ts';

/** How a ring ended well. */
export type Outcome =
  /** The view was written. */
  | 'applied'
  /** Looked, and the view was as new already. */
  | 'current'
  /** Not even looked: the view was as new as the ring. */
  | 'skipped'
  /** Of a type the agreement doesn't name: nothing to look at. */
  | 'asleep';

/** What a consumer tells whoever watches it. It can throw nothing back. */
export type ConsumerEvent =
  | { kind: 'received'; messages: number }
  | { kind: 'requested'; shops: number }
  | { kind: 'looked'; shops: number; ms: number }
  | { kind: 'settled'; ring: Ring; outcome: Outcome; version: number | null; gone: boolean; at: number; ms: number }
  | { kind: 'stale'; ring: Ring; found: number; tries: number }
  | { kind: 'returned'; message: Message; seconds: number; reason: string }
  | { kind: 'buried'; letter: DeadLetter }
  | { kind: 'source-away'; reason: string; shops: number }
  | { kind: 'store-failed'; reason: string; shops: number }
  | { kind: 'receive-failed'; reason: string }
  /** The query API answered 500. */
  | { kind: 'query-failed'; reason: string }
  | { kind: 'settle-failed'; message: Message; reason: string };

/** Hears of every event; whatever it throws is ignored. */
export type Observe = (event: ConsumerEvent) => void;
