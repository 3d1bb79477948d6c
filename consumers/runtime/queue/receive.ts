import { type Clock, jitter } from '../system.ts';
import type { Observe } from './events.ts';
import { LONG_POLL_SECONDS, type Message, QUEUE_BATCH, type Queue } from './queue.ts';
import type { Semaphore } from './semaphore.ts';

/** Dependencies of receiving. */
export type ReceiveDeps = {
  queue: Pick<Queue, 'receive'>;
  semaphore: Semaphore;
  /** Resolves when receiving makes sense: not while the source is away. */
  whenReady: (signal: AbortSignal) => Promise<void>;
  /** Takes messages in hand; each frees its slot when it leaves. */
  take: (messages: readonly Message[]) => void;
  /** A receive has completed, with messages or without. */
  onReceived: () => void;
  clock: Clock;
  observe: Observe;
  /** Long polls at once while the queue is deep; one while it is quiet. */
  mostPollers?: number;
};

/** 10 pollers of 10: at 10 ms a call some 10,000 messages a second. */
const MOST_POLLERS = 10;
/** Milliseconds between receives that fail. */
const BROKEN = { first: 100, most: 10_000 };

/**
 * Receives until the signal aborts. A full answer brings another poller, an empty one sends one home, and the
 * last never leaves; no error ends it.
 */
export async function receive(
  { mostPollers = MOST_POLLERS, ...deps }: ReceiveDeps,
  signal: AbortSignal,
): Promise<void> {
  const pollers = new Set<Promise<void>>();
  let failures = 0;

  function hire(): void {
    if (pollers.size >= mostPollers || signal.aborted) return;
    const poller = poll().finally(() => pollers.delete(poller));
    pollers.add(poller);
  }

  async function poll(): Promise<void> {
    while (!signal.aborted) {
      await deps.whenReady(signal);
      const reserved = await deps.semaphore.reserve(QUEUE_BATCH, signal);
      const received = await receiveOnce(reserved);
      deps.semaphore.free(reserved - received);
      if (received === 0 && pollers.size > 1) return;
    }
  }

  async function receiveOnce(most: number): Promise<number> {
    try {
      const messages = most === 0 ? [] : await deps.queue.receive(most, LONG_POLL_SECONDS, signal);
      failures = 0;
      deps.onReceived();
      if (messages.length === QUEUE_BATCH) hire();
      if (messages.length > 0) deps.observe({ kind: 'received', messages: messages.length });
      deps.take(messages);
      return messages.length;
    } catch (error) {
      if (signal.aborted) return 0;
      failures++;
      deps.observe({ kind: 'receive-failed', reason: error instanceof Error ? error.message : String(error) });
      await deps.clock.sleep(jitter(deps.clock, failures, BROKEN.first, BROKEN.most), signal);
      return 0;
    }
  }

  hire();
  while (pollers.size > 0) await Promise.race(pollers);
}
