import type { DeadLetter, Message, Queue } from '../../consumers/runtime/queue/queue.ts';
import { writeAttributes } from '../../contracts/wire/attributes.ts';
import type { VirtualClock } from './clock.ts';

type Kept = {
  message: Omit<Message, 'receiptHandle' | 'receiveCount'>;
  visibleAt: number;
  receives: number;
  handle: string;
};

export type QueueOptions = {
  /** Milliseconds. */
  visibility?: number;
  maxReceiveCount?: number;
};

/** 14 days. */
const RETENTION = 14 * 24 * 3_600_000;

/** A queue as SQS keeps one, in memory and in virtual time: leases, receive counts, receipt handles, redrive, retention. */
export function memoryQueue(clock: VirtualClock, { visibility = 30_000, maxReceiveCount = 1_000 }: QueueOptions = {}) {
  const kept = new Map<string, Kept>();
  const dead: DeadLetter[] = [];
  const redriven: string[] = [];
  const calls = { receive: 0, remove: 0, release: 0, bury: 0 };
  const released: number[] = [];
  let sent = 0;
  let wake = new AbortController();

  /** What SQS does by itself: forgets what is too old, moves what was received too often. */
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

  /** The message, if this receipt is the newest: SQS takes an older one, too, and does nothing. */
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
    queue,
    /** Buried by the consumer. */
    dead,
    /** Bodies that SQS itself moved, because they were received too often. */
    redriven,
    calls,
    /** Seconds of every visibility change, in order. */
    released,
    /** Messages neither deleted nor expired. */
    size: () => {
      age();
      return kept.size;
    },
    sendBody,
    send(id: string, version?: number, type = 'shop.details-changed'): void {
      const facts = { eventId: `0-${sent + 1}`, occurredAt: clock.now(), ...(version !== undefined && { version }) };
      sendBody(JSON.stringify({ id, type }), writeAttributes(type, facts));
    },
  };
}

export type MemoryQueue = ReturnType<typeof memoryQueue>;
