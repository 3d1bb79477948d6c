import type { Clock } from '../system.ts';
import type { Observe } from './events.ts';
import { type Message, QUEUE_BATCH, type Queue } from './queue.ts';

/** Keeps messages in hand from being delivered to another worker while they are worked on. */
export type Leases = {
  hold: (messages: readonly Message[]) => void;
  forget: (message: Message) => void;
  stop: () => void;
};

/** Dependencies of keeping leases. */
export type LeaseDeps = {
  queue: Pick<Queue, 'release'>;
  clock: Clock;
  observe: Observe;
  /** Called when a message belongs to another worker from now on. Its work is given up. */
  onLost: (message: Message) => void;
  /** Seconds that a received message stays invisible: the queue's visibility timeout. */
  visibility: number;
  /** Seconds after which a lease is extended no more: work that takes longer hangs. */
  cap: number;
};

type Lease = { message: Message; since: number; until: number };

/** Extends leases in batches of ten, once a third of one has passed; a call that fails has three more chances. */
export function createLeases({ queue, clock, observe, onLost, visibility, cap }: LeaseDeps): Leases {
  const held = new Map<Message, Lease>();
  const lease = visibility * 1_000;
  let cancel: (() => void) | null = null;

  function schedule(): void {
    cancel ??= clock.after(lease / 6, () => {
      cancel = null;
      void tick().finally(() => {
        if (held.size > 0) schedule();
      });
    });
  }

  async function tick(): Promise<void> {
    const now = clock.now();
    for (const each of [...held.values()]) if (each.until <= now) lose(each, 'it ran out');
    const due = [...held.values()].filter(
      ({ until, since }) => until - now <= (lease * 2) / 3 && now - since < cap * 1_000,
    );
    for (let n = 0; n < due.length; n += QUEUE_BATCH) await extend(due.slice(n, n + QUEUE_BATCH));
  }

  async function extend(leases: Lease[]): Promise<void> {
    const now = clock.now();
    const entries = leases.map(({ message }) => ({ message, seconds: visibility }));
    const failed = await queue.release(entries).catch(() => null);
    if (failed === null) return;
    for (const [n, each] of leases.entries()) {
      if (failed.includes(n)) lose(each, 'the queue gave it to another worker');
      else each.until = now + lease;
    }
    observe({ kind: 'extended', messages: leases.length - failed.length });
  }

  function lose({ message }: Lease, reason: string): void {
    if (!held.delete(message)) return;
    observe({ kind: 'lease-lost', message, reason });
    onLost(message);
  }

  return {
    hold(messages) {
      const now = clock.now();
      for (const message of messages) held.set(message, { message, since: now, until: now + lease });
      if (messages.length > 0) schedule();
    },
    forget: (message) => void held.delete(message),
    stop: () => cancel?.(),
  };
}
