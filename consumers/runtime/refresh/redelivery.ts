import type { Message } from '../queue/queue.ts';
import { type Clock, jitter } from '../system.ts';

/**
 * Seconds until a ring that was handed back is delivered again: doubled with each receive, up to 5 minutes; up to an
 * hour after a hundred receives, so that a thousand of them last longer than the 14 days that SQS keeps a message.
 */
const RETURN = { first: 1, most: 300, patience: 100, longest: 3_600 };

/**
 * 5 s: when the source goes away, everything in hand goes back within them, not all at once and soon enough for a short
 * outage. After ten receives the outage is none of the short ones, or the source comes and goes.
 */
const OUTAGE = { seconds: 5, receives: 10 };

/** Seconds until a ring comes again that could not be looked at, because the source is away. */
export function outageSeconds(message: Message, clock: Clock): number {
  const soon = Math.ceil(clock.random() * OUTAGE.seconds);
  return message.receiveCount <= OUTAGE.receives ? soon : backoffSeconds(message, soon, clock);
}

/** Seconds until a ring that was given back comes again; at least `least`, where the source asked for a pause. */
export function backoffSeconds({ receiveCount }: Message, least: number, clock: Clock): number {
  const most = receiveCount > RETURN.patience ? RETURN.longest : RETURN.most;
  const backoff = RETURN.first + jitter(clock, receiveCount, RETURN.first, most);
  // A source that asked for a pause is not asked before its end. A pause without end is a mistake, and is cut.
  return Math.ceil(Math.max(backoff, Math.min(least, RETURN.most)));
}
