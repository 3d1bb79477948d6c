import { type RingFacts, writeAttributes } from '../../contracts/wire/attributes.ts';
import { toEntry } from '../brokers/sqs/bury.ts';
import type { DeadLetter, Message, Queue } from '../runtime/queue/queue.ts';
import type { VirtualClock } from './clock.ts';

type Kept = {
  message: Omit<Message, 'receiptHandle' | 'receiveCount'>;
  visibleAt: number;
  receives: number;
  handle: string;
};

/** Settings of a queue in memory. */
export type MemoryQueueOptions = {
  /** Milliseconds that a received message stays hidden; 30,000 by default. */
  visibility?: number;
  /** Receives after which a message leaves the queue by itself; 1,000 by default. */
  maxReceiveCount?: number;
  /** Takes the letters that the consumer buries. */
  deadLetters?: MemoryQueue;
};

/** A queue in memory: the port for a consumer, and what a test sees of it and sends to it. */
export type MemoryQueue = {
  queue: Queue;
  /** Letters that the consumer has buried, with their reasons. */
  dead: DeadLetter[];
  /** Bodies that the queue itself has moved, because they were received too often. */
  redriven: string[];
  /** Number of calls. */
  calls: { receive: number; remove: number; release: number; bury: number };
  /** Seconds of every visibility change, in order. */
  released: number[];
  /** Counts the messages that are neither deleted nor expired. */
  size: () => number;
  /** Sends any body. */
  sendBody: (body: string, attributes?: Message['attributes']) => void;
  /** Sends a notification with its transport facts; an event id and the time of now unless they are given. */
  ring: (id: string, type: string, facts?: RingFacts) => void;
};

/** 14 days. */
const RETENTION = 14 * 24 * 3_600_000;

/** Makes a queue as SQS keeps one, in memory and in virtual time: leases, receive counts, receipts, redrive, retention. */
export function memoryQueue(clock: VirtualClock, options: MemoryQueueOptions = {}): MemoryQueue {
  const { visibility = 30_000, maxReceiveCount = 1_000, deadLetters } = options;
  const kept = new Map<string, Kept>();
  const dead: DeadLetter[] = [];
  const redriven: string[] = [];
  const calls = { receive: 0, remove: 0, release: 0, bury: 0 };
  const released: number[] = [];
  let sent = 0;
  let wake = new AbortController();

  /** Forgets what is too old, and moves what was received too often, as SQS does by itself. */
  function age(): void {
    for (const [id, { message, visibleAt, receives }] of kept) {
      if (message.sentAt + RETENTION <= clock.now()) kept.delete(id);
      else if (receives >= maxReceiveCount && visibleAt <= clock.now()) {
        kept.delete(id);
        redriven.push(message.body);
      }
    }
  }

  function lease(most: number): Message[] {
    age();
    const visible: Message[] = [];
    for (const entry of kept.values()) {
      if (visible.length === most) break;
      if (entry.visibleAt > clock.now()) continue;
      entry.receives++;
      entry.visibleAt = clock.now() + visibility;
      entry.handle = `${entry.message.messageId}/${entry.receives}`;
      visible.push({ ...entry.message, receiptHandle: entry.handle, receiveCount: entry.receives });
    }
    return visible;
  }

  /** Finds the message, if this receipt is the newest: SQS takes an older one, too, and does nothing. */
  const byHandle = ({ messageId, receiptHandle }: Message): Kept | undefined => {
    const entry = kept.get(messageId);
    return entry?.handle === receiptHandle ? entry : undefined;
  };

  const queue: Queue = {
    async receive(most, waitSeconds, signal) {
      calls.receive++;
      const end = clock.now() + waitSeconds * 1_000;
      for (;;) {
        if (signal.aborted) throw signal.reason;
        const messages = lease(most);
        if (messages.length > 0 || clock.now() >= end) return messages;
        const next = Math.min(end, ...[...kept.values()].map(({ visibleAt }) => visibleAt));
        await clock.sleep(Math.max(1, next - clock.now()), AbortSignal.any([signal, wake.signal]));
      }
    },
    async remove(messages) {
      calls.remove++;
      for (const message of messages) if (byHandle(message)) kept.delete(message.messageId);
      return [];
    },
    async release(entries) {
      calls.release++;
      const lost: number[] = [];
      for (const [n, { message, seconds }] of entries.entries()) {
        const entry = byHandle(message);
        if (entry === undefined) lost.push(n);
        else entry.visibleAt = clock.now() + seconds * 1_000;
        released.push(seconds);
      }
      ring();
      return lost;
    },
    async bury(letters) {
      calls.bury++;
      dead.push(...letters);
      for (const { MessageBody, MessageAttributes } of letters.map(toEntry))
        deadLetters?.sendBody(MessageBody, MessageAttributes);
      return [];
    },
  };

  /** Wakes long polls. */
  function ring(): void {
    wake.abort();
    wake = new AbortController();
  }

  function sendBody(body: string, attributes: Message['attributes'] = {}): void {
    const messageId = `m${++sent}`;
    const message = { messageId, body, attributes, sentAt: clock.now() };
    kept.set(messageId, { message, visibleAt: clock.now(), receives: 0, handle: '' });
    ring();
  }

  return {
    ...{ queue, dead, redriven, calls, released, sendBody },
    size() {
      age();
      return kept.size;
    },
    ring(id, type, facts = {}) {
      const own = { eventId: `0-${sent + 1}`, occurredAt: clock.now(), ...facts };
      sendBody(JSON.stringify({ id, type }), writeAttributes(type, own));
    },
  };
}
