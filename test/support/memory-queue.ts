import type { DeadLetter, Message, Queue } from '../../consumers/runtime/queue.ts';
import { writeAttributes } from '../../contracts/attributes.ts';
import type { VirtualClock } from './clock.ts';

type Kept = {
  message: Omit<Message, 'receiptHandle' | 'receiveCount'>;
  visibleAt: number;
  receives: number;
  handle: string;
};

/** A queue as SQS keeps one, in memory and in virtual time: leases, receive counts, receipt handles. */
export function memoryQueue(clock: VirtualClock, { visibility = 30_000 }: { visibility?: number } = {}) {
  const kept = new Map<string, Kept>();
  const dead: DeadLetter[] = [];
  const calls = { receive: 0, remove: 0, release: 0, bury: 0 };
  const released: number[] = [];
  let sent = 0;
  let wake = new AbortController();

  function lease(most: number): Message[] {
    const visible = [...kept.values()].filter(({ visibleAt }) => visibleAt <= clock.now()).slice(0, most);
    return visible.map((entry) => {
      entry.receives++;
      entry.visibleAt = clock.now() + visibility;
      entry.handle = `${entry.message.messageId}/${entry.receives}`;
      return { ...entry.message, receiptHandle: entry.handle, receiveCount: entry.receives };
    });
  }

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
        await clock.sleep(next - clock.now(), AbortSignal.any([signal, wake.signal]));
      }
    },
    async remove(messages) {
      calls.remove++;
      for (const message of messages) if (byHandle(message)) kept.delete(message.messageId);
      return [];
    },
    async release(entries) {
      calls.release++;
      for (const { message, seconds } of entries) {
        const entry = byHandle(message);
        if (entry) entry.visibleAt = clock.now() + seconds * 1_000;
        released.push(seconds);
      }
      ring();
      return [];
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

  return {
    queue,
    dead,
    calls,
    /** Seconds of every hand-back, in order. */
    released,
    /** Messages neither deleted nor expired. */
    size: () => kept.size,
    sendBody(body: string, attributes: Message['attributes'] = {}): void {
      const messageId = `m${++sent}`;
      kept.set(messageId, {
        message: { messageId, body, attributes },
        visibleAt: clock.now(),
        receives: 0,
        handle: '',
      });
      ring();
    },
    send(id: string, version?: number, type = 'shop.details-changed'): void {
      const facts = { eventId: `0-${sent + 1}`, ...(version !== undefined && { version }) };
      this.sendBody(JSON.stringify({ id, type }), writeAttributes(type, facts));
    },
  };
}

export type MemoryQueue = ReturnType<typeof memoryQueue>;
