import type { Message, Queue } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';
import type { KnownChange } from './progress.ts';

/** A look that no message asked for: its ring, and whether its message was removed or given back in the end. */
export type OwnRing = { ring: Ring; left: Promise<'done' | 'back'> };

/**
 * Rings that come from the feed, and not from the queue. They have messages, because a ring in hand has one, but the
 * queue never hears of them: what is done with such a message is the answer to `left`. Only a dead letter goes out.
 */
export type OwnMessages = {
  ring: (change: KnownChange, type: string, now: number) => OwnRing;
  /** The calls that settle messages: those of the queue, for all messages but ours. */
  settling: Pick<Queue, 'remove' | 'release' | 'bury'>;
};

/** Makes such messages beside a queue. */
export function createOwnMessages(queue: Pick<Queue, 'remove' | 'release' | 'bury'>): OwnMessages {
  const own = new Map<Message, (how: 'done' | 'back') => void>();
  let made = 0;

  /** Settles our messages, and hands on the others; answers with the places of those that failed. */
  async function apart<Entry>(
    entries: readonly Entry[],
    messageOf: (entry: Entry) => Message,
    how: 'done' | 'back',
    others: (entries: readonly Entry[]) => Promise<number[]>,
  ): Promise<number[]> {
    const foreign = entries.filter((entry) => !own.has(messageOf(entry)));
    for (const entry of entries) own.get(messageOf(entry))?.(how);
    if (foreign.length === 0) return [];
    const failed = await others(foreign);
    return failed.map((n) => entries.indexOf(foreign[n] as Entry));
  }

  return {
    ring({ id, version, occurredAt }, type, now) {
      const name = `feed-${++made}`;
      const message: Message = {
        messageId: name,
        receiptHandle: name,
        body: JSON.stringify({ id, type }),
        attributes: version === 0 ? {} : { version: { DataType: 'Number', StringValue: String(version) } },
        receiveCount: 1,
        sentAt: now,
      };
      const { promise: left, resolve } = Promise.withResolvers<'done' | 'back'>();
      own.set(message, (how) => {
        own.delete(message);
        resolve(how);
      });
      const known = { ...(version > 0 && { version }), ...(occurredAt !== undefined && { occurredAt }) };
      return { ring: { id, type, ...known, byFeed: true, message }, left };
    },
    settling: {
      remove: (messages) => apart(messages, (message) => message, 'done', queue.remove),
      release: (entries) => apart(entries, ({ message }) => message, 'back', queue.release),
      bury: queue.bury,
    },
  };
}
