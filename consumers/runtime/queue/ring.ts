import { ageOf } from '../../../contracts/wire/age.ts';
import { type RingFacts, readAttributes } from '../../../contracts/wire/attributes.ts';
import { parseNotification } from '../../../contracts/wire/notification.ts';
import type { Message } from './queue.ts';

/**
 * A ring in hand: the message, what its body says, and what its attributes tell besides. `byFeed`: the ring comes from
 * the feed, and not from the queue.
 */
export type Ring = RingFacts & { id: string; type: string; message: Message; byFeed?: true };

/**
 * Milliseconds since a ring's event. Since its message was sent where that says nothing: it was rung again, or a clock
 * is wrong and would raise an alarm at once, or never.
 */
export function waitedFor({ lane, occurredAt, byFeed, message }: Ring, now: number): number {
  const age = lane === undefined && byFeed === undefined && occurredAt !== undefined ? ageOf(occurredAt, now) : null;
  return typeof age === 'number' ? age : now - message.sentAt;
}

/** Reads a message. Throws NotificationError if its body is no notification. */
export function readRing(message: Message): Ring {
  const { id, type } = parseNotification(message.body);
  return { ...readAttributes(message.attributes), id, type, message };
}
