import { type MessageAttributes, writeAttributes } from '../../contracts/wire/attributes.ts';
import { encodeNotification } from '../../contracts/wire/notification.ts';
import type { Ring } from './ring.ts';

/** A message as it is sent: the body, and the attributes beside it. */
export type OutgoingMessage = { body: string; attributes: MessageAttributes };

/**
 * Makes a message of a ring, the same for a topic and for a queue. Throws NotificationError for a ring that is no
 * notification.
 */
export function toMessage({ id, type, ...facts }: Omit<Ring, 'position'>): OutgoingMessage {
  const { eventId, version, occurredAt, lane = 'live' } = facts;
  const body = encodeNotification({ id, type });
  return { body, attributes: writeAttributes(type, { eventId, version, occurredAt, lane }) };
}
