import { type RingFacts, readAttributes } from '../../contracts/attributes.ts';
import { parseNotification } from '../../contracts/notification.ts';
import type { Message } from './queue.ts';

/** A ring in hand: the message, what its body says, and what its attributes tell besides. */
export type Ring = RingFacts & { id: string; type: string; message: Message };

/** Reads a message. Throws NotificationError if its body is no notification. */
export function readRing(message: Message): Ring {
  const { id, type } = parseNotification(message.body);
  return { ...readAttributes(message.attributes), id, type, message };
}
