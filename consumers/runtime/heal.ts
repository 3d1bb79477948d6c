import { readAttributes } from '../../contracts/attributes.ts';
import { NotificationError, parseNotification } from '../../contracts/notification.ts';
import type { Observe } from './events.ts';
import { type Message, QUEUE_BATCH, type Queue } from './queue.ts';
import { type Clock, jitter } from './system.ts';
import type { ViewStore } from './view-store.ts';

/**
 * Closes dead letters: one whose shop was looked at since, at a version at least as high, has nothing left to say.
 * It is found out by going through the dead-letter queue now and then, and soon after such a look.
 */
export type Healer = {
  /** A message of this shop went to the dead-letter queue. */
  buried: (id: string) => void;
  /** This shop was looked at, by a look that began at `start`. */
  looked: (id: string, version: number, start: number) => void;
  stop: () => Promise<void>;
};

/** What healing needs. */
export type HealDeps = {
  /** The dead-letter queue, as a queue of its own. */
  deadLetters: Pick<Queue, 'receive' | 'remove' | 'release'>;
  store: Pick<ViewStore<unknown>, 'versions'>;
  clock: Clock;
  observe: Observe;
};

/** Milliseconds: soon after a look that may have healed something, and every ten minutes in any case. */
const PAUSE = { soon: 1_000, long: 600_000 };
/** 1,000 letters in one go; the others have their turn ten minutes later. */
const MOST = 1_000;

type Cover = { version: number; start: number };

/** Starts to go through the dead letters now and then. */
export function startHealer({ deadLetters, store, clock, observe }: HealDeps): Healer {
  const stopping = new AbortController();
  const waiting = new Set<string>();
  const covers = new Map<string, Cover>();
  let cancel: (() => void) | null = null;
  let sweeping: Promise<void> = Promise.resolve();

  function schedule(ms: number): void {
    cancel?.();
    cancel = clock.after(ms, () => {
      sweeping = sweep().catch((error: Error) => observe({ kind: 'heal-failed', reason: error.message }));
      void sweeping.then(() => schedule(PAUSE.long + jitter(clock, 0, PAUSE.soon, PAUSE.soon)));
    });
  }

  async function sweep(): Promise<void> {
    const letters = await takeAll();
    const stored = await store.versions(letters.flatMap((message) => idOf(message) ?? []));
    const [closed, open] = [
      letters.filter((each) => isCovered(each, stored)),
      letters.filter((each) => !isCovered(each, stored)),
    ];
    for (const some of inTens(closed)) await deadLetters.remove(some);
    for (const some of inTens(open)) await deadLetters.release(some.map((message) => ({ message, seconds: 0 })));
    for (const id of open.flatMap((message) => idOf(message) ?? [])) waiting.add(id);
    covers.clear();
    if (closed.length > 0) observe({ kind: 'healed', letters: closed.length });
  }

  async function takeAll(): Promise<Message[]> {
    const letters: Message[] = [];
    while (letters.length < MOST && !stopping.signal.aborted) {
      const some = await deadLetters.receive(QUEUE_BATCH, 0, stopping.signal);
      if (some.length === 0) break;
      letters.push(...some);
    }
    return letters;
  }

  function isCovered(message: Message, stored: ReadonlyMap<string, number>): boolean {
    const id = idOf(message);
    if (id === null) return false;
    const cover = covers.get(id);
    const { version } = readAttributes(message.attributes);
    if (version !== undefined) return Math.max(stored.get(id) ?? 0, cover?.version ?? 0) >= version;
    return cover !== undefined && cover.start > message.sentAt;
  }

  schedule(PAUSE.soon);
  return {
    buried: (id) => void waiting.add(id),
    looked(id, version, start) {
      if (!waiting.delete(id)) return;
      covers.set(id, { version, start });
      schedule(PAUSE.soon);
    },
    async stop() {
      cancel?.();
      stopping.abort();
      await sweeping;
      cancel?.();
    },
  };
}

/** The shop a letter is about; null where its body says none. */
function idOf({ body }: Message): string | null {
  try {
    return parseNotification(body).id;
  } catch (error) {
    if (error instanceof NotificationError) return null;
    throw error;
  }
}

function inTens(messages: readonly Message[]): Message[][] {
  return Array.from({ length: Math.ceil(messages.length / QUEUE_BATCH) }, (_, n) =>
    messages.slice(n * QUEUE_BATCH, (n + 1) * QUEUE_BATCH),
  );
}
