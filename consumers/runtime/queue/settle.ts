import type { Clock } from '../system.ts';
import { createBatcher } from './batcher.ts';
import type { Observe } from './events.ts';
import { type DeadLetter, type Message, QUEUE_BATCH, type Queue } from './queue.ts';

/** Ways for a message to leave our hands. Each ends when the queue has heard of it, or after the last try. */
export type Settle = {
  /** Deletes it: its view is safe. Calls back when that is done, or was given up. */
  ack: (message: Message, done: (message: Message) => void) => void;
  /** Hands it back, to be delivered again after so many seconds. */
  giveBack: (message: Message, seconds: number, reason: string) => Promise<void>;
  /** Puts it into the dead-letter queue with its reason, then deletes it. */
  bury: (letter: DeadLetter) => Promise<void>;
  /** Sends what still waits for company. */
  flush: () => Promise<void>;
  /** Number of messages that the queue could not be told of so far. They come again when their leases run out. */
  failures: () => number;
};

/** The calls that settle messages. */
export type Settling = Pick<Queue, 'remove' | 'release' | 'bury'>;

/** 20 ms: ten deletes travel in one call at 500 rings a second, and no work waits for a delete. */
const LINGER = 20;
/** 30 s: the dead-letter queue could not be reached; the poison is no use to anybody meanwhile. */
const RETRY_BURIAL_SECONDS = 30;

/** Settles messages in batches of ten; `linger` in milliseconds. */
export function createSettle(queue: Settling, clock: Clock, observe: Observe, linger = LINGER): Settle {
  const batching = { size: QUEUE_BATCH, linger, clock };
  const removals = createBatcher<Message>({ ...batching, send: (entries) => queue.remove(entries) });
  const releases = createBatcher<{ message: Message; seconds: number }>({
    ...batching,
    send: (entries) => queue.release(entries),
  });
  const burials = createBatcher<DeadLetter>({ ...batching, send: (entries) => queue.bury(entries) });

  let failures = 0;

  function unheard(message: Message, reason: string): void {
    failures++;
    observe({ kind: 'settle-failed', message, reason });
  }

  const settle: Settle = {
    ack(message, done) {
      removals.put(message, (sent) => {
        // A message that can't be deleted comes again and is skipped then: its view is as new.
        if (!sent) unheard(message, 'delete failed');
        done(message);
      });
    },
    async giveBack(message, seconds, reason) {
      observe({ kind: 'returned', message, seconds, reason });
      // Visible again when its lease runs out, at the latest.
      if (!(await releases.add({ message, seconds }))) unheard(message, 'release failed');
    },
    async bury(letter) {
      if (!(await burials.add(letter)))
        return settle.giveBack(letter.message, RETRY_BURIAL_SECONDS, 'dead-letter queue away');
      observe({ kind: 'buried', letter });
      await new Promise<unknown>((resolve) => settle.ack(letter.message, resolve));
    },
    async flush() {
      await burials.flush();
      await Promise.all([removals.flush(), releases.flush()]);
    },
    failures: () => failures,
  };
  return settle;
}
