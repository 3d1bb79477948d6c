import type { Message } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';
import type { RefreshRequest, RefreshResult } from './look.ts';
import type { Pending } from './pending.ts';

/** Events that concern the rings in hand. */
export type RefreshEvent =
  /** Rings that need a look were received. */
  | { kind: 'rung'; rings: readonly Ring[] }
  /** The lease of a message was lost: it belongs to another worker by now. */
  | { kind: 'lost'; message: Message }
  /** A look has succeeded: one result per entry of its group, in order. */
  | { kind: 'looked'; look: number; results: readonly RefreshResult[] }
  /** A look has failed as a whole, or was cut off. `least`: seconds that the source asked us to wait. */
  | { kind: 'look-failed'; look: number; reason: string; least: number; isCut: boolean }
  /** The pause of this entry is over. */
  | { kind: 'rested'; entry: Pending }
  /** The window in which rings gather is over. */
  | { kind: 'gathered' }
  /** The time in which a look under way holds up the next one is over. */
  | { kind: 'lingered' }
  /** A circuit has opened: rings without a look under way go back. */
  | { kind: 'outage'; reason: string; delay: Delay }
  | { kind: 'stopping' };

/** Time for which a message that goes back stays invisible. The shell turns it into seconds. */
export type Delay = 'none' | 'outage' | { backoff: number };

/** Things to do now, in order. */
export type Action =
  | { kind: 'look'; look: number; requests: readonly RefreshRequest[] }
  | { kind: 'cut'; look: number; reason: string }
  | { kind: 'ack'; ring: Ring; result: RefreshResult & { kind: 'covered' }; start: number }
  | { kind: 'dead-letter'; rings: readonly Ring[]; result: RefreshResult & { kind: 'poison' } }
  | { kind: 'give-back'; message: Message; reason: string; delay: Delay }
  /** The message is no longer ours: it is only let go. */
  | { kind: 'let-go'; message: Message }
  /** The answer did not cover this ring, for the `tries`th time in a row. */
  | { kind: 'stale'; ring: Ring; found: number; tries: number }
  /** Send `rested` after a pause that grows with `tries`. */
  | { kind: 'rest'; entry: Pending; tries: number }
  /** Send `gathered` after the window. */
  | { kind: 'gather' }
  /** Send `lingered` after so many milliseconds. */
  | { kind: 'linger'; ms: number };

/** Facts that the shell knows at the moment of an event. Times in milliseconds. */
export type Moment = {
  now: number;
  /** Looks that may be under way at once, and resources in one look (limiter.ts). */
  looks: number;
  resources: number;
  /** Time for which a look under way holds up the next one that is not full. */
  linger: number;
  /** 0 where rings do not gather. */
  window: number;
  /** Number of times that a stale resource is asked for again before its rings go back. */
  staleTries: number;
};
