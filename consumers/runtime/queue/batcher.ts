import type { Clock } from '../system.ts';

/** Collects entries and sends them in full batches, or after a short while. */
export type Batcher<Entry> = {
  /** Resolves when the entry was sent: true, or false if it failed every time. */
  add: (entry: Entry) => Promise<boolean>;
  /** The same by a callback: for what is done ten thousand times a second. */
  put: (entry: Entry, done: (sent: boolean) => void) => void;
  /** Sends what is there now, and resolves when nothing is under way. */
  flush: () => Promise<void>;
};

/** Dependencies of batching. */
export type BatcherOptions<Entry> = {
  /** Sends a batch and answers with the indexes that failed. May throw when the call itself fails. */
  send: (entries: readonly Entry[]) => Promise<number[]>;
  size: number;
  /** Milliseconds an entry waits for company. */
  linger: number;
  clock: Clock;
};

/** 3: SQS fails single entries for a moment only; what still fails is delivered again, and skipped then. */
const TRIES = 3;

type Waiting<Entry> = { entry: Entry; tries: number; done: (sent: boolean) => void };

/** Makes a batcher; entries that fail are sent again, three times in all. */
export function createBatcher<Entry>({ send, size, linger, clock }: BatcherOptions<Entry>): Batcher<Entry> {
  const waiting: Waiting<Entry>[] = [];
  let cancel: (() => void) | null = null;
  const underWay = new Set<Promise<void>>();

  function launch(): void {
    cancel?.();
    cancel = null;
    while (waiting.length > 0) {
      const sending = sendBatch(waiting.splice(0, size)).finally(() => underWay.delete(sending));
      underWay.add(sending);
    }
  }

  async function sendBatch(batch: Waiting<Entry>[]): Promise<void> {
    const failed = new Set(await send(batch.map(({ entry }) => entry)).catch(() => batch.keys()));
    for (const [n, each] of batch.entries()) {
      if (!failed.has(n)) each.done(true);
      else if (each.tries + 1 >= TRIES) each.done(false);
      else enqueue({ ...each, tries: each.tries + 1 });
    }
  }

  function enqueue(each: Waiting<Entry>): void {
    waiting.push(each);
    if (waiting.length >= size) launch();
    else cancel ??= clock.after(linger, launch);
  }

  return {
    add: (entry) => new Promise((done) => enqueue({ entry, tries: 0, done })),
    put: (entry, done) => enqueue({ entry, tries: 0, done }),
    async flush() {
      while (waiting.length > 0 || underWay.size > 0) {
        launch();
        await Promise.all(underWay);
      }
    },
  };
}
