import type { Message, Queue } from '../queue/queue.ts';
import type { Ring } from '../queue/ring.ts';
import type { KnownChange } from './progress.ts';

/** A ring of the feed. `left` tells how its message ended: it was removed (`done`) or given back (`back`). */
export type OwnRing = { ring: Ring; left: Promise<'done' | 'back'> };

/**
 * Rings that come from the feed, and not from the queue. Each has a message, because every ring in hand has one, but
 * the queue does not know these messages. To settle one resolves its `left`. Only a dead letter goes to the queue.
 */
export type OwnMessages = {
  ring: (change: KnownChange, type: string, now: number) => OwnRing;
  /** The calls that settle messages. Messages of the feed are settled here, all others by the queue. */
  settling: Pick<Queue, 'remove' | 'release' | 'bury'>;
};

/** Makes rings of the feed beside a queue. */
export function createOwnMessages(queue: Pick<Queue, 'remove' | 'release' | 'bury'>): OwnMessages {
  const own = new Map<Message, (how: 'done' | 'back') => void>();
  let made = 0;

  /** Settles messages of the feed, and passes the others on. Returns the indexes of the entries that failed. */
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
