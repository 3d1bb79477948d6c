import { readAttributes } from '../../../contracts/wire/attributes.ts';
import { resourceIdOf } from '../../../contracts/wire/notification.ts';
import type { Observe } from '../queue/events.ts';
import { type Message, QUEUE_BATCH, type Queue } from '../queue/queue.ts';
import { type Clock, jitter } from '../system.ts';
import type { ViewStore } from '../views/view-store.ts';

/**
 * Closes dead letters: one whose resource was looked at since, at a version at least as high, has nothing left to say.
 * It is found out by going through the dead-letter queue now and then, and soon after such a look.
 */
export type DeadLetterSweeper = {
  /** A message of this resource went to the dead-letter queue. */
  buried: (id: string) => void;
  /** This resource was looked at, by a look that began at `start`. */
  looked: (id: string, version: number, start: number) => void;
  stop: () => Promise<void>;
};

/** Dependencies of a dead-letter sweeper. */
export type SweeperDeps = {
  /** The dead-letter queue, as a queue of its own. */
  deadLetters: Pick<Queue, 'receive' | 'remove' | 'release'>;
  store: Pick<ViewStore<unknown>, 'versions'>;
  clock: Clock;
  observe: Observe;
};

/** Milliseconds: soon after a look that may have healed something, and every ten minutes in any case. */
const PAUSE = { soon: 1_000, long: 600_000 };
/** 1,000 letters are judged at a time, 20,000 in one go: those that stay are kept aside meanwhile, so that none hides others. */
const MOST = { together: 1_000, inOneGo: 20_000 };

type Cover = { version: number; start: number };

/** Starts to go through the dead letters now and then. */
export function startDeadLetterSweeper({ deadLetters, store, clock, observe }: SweeperDeps): DeadLetterSweeper {
  const stopping = new AbortController();
  const waiting = new Set<string>();
  const covers = new Map<string, Cover>();
  let cancel: (() => void) | null = null;
  let sweeping: Promise<void> | null = null;

  function schedule(ms: number): void {
    cancel?.();
    if (stopping.signal.aborted) return;
    cancel = clock.after(ms, () => {
      sweeping = sweep()
        .catch((error: Error) => {
          if (!stopping.signal.aborted) observe({ kind: 'sweep-failed', reason: error.message });
        })
        .finally(() => {
          sweeping = null;
          // A look that came meanwhile may have healed what was judged before it.
          schedule(covers.size > 0 ? PAUSE.soon : PAUSE.long + jitter(clock, 0, PAUSE.soon, PAUSE.soon));
        });
    });
  }

  async function sweep(): Promise<void> {
    const known = new Map(covers);
    const open = new Map<string, Message>();
    let healed = 0;
    while (open.size < MOST.inOneGo) {
      // What comes twice has been seen: there are no others.
      const letters = (await take()).filter(({ messageId }) => !open.has(messageId));
      if (letters.length === 0) break;
      healed += await judge(letters, known, open);
    }
    for (const some of inTens([...open.values()]))
      await deadLetters.release(some.map((message) => ({ message, seconds: 0 })));
    for (const [id, cover] of known) if (covers.get(id) === cover) covers.delete(id);
    if (healed > 0) observe({ kind: 'healed', letters: healed });
  }

  /** Deletes those that are covered, and tells how many; the others stay open. */
  async function judge(
    letters: readonly Message[],
    known: ReadonlyMap<string, Cover>,
    open: Map<string, Message>,
  ): Promise<number> {
    const ids = letters.flatMap(({ body }) => resourceIdOf(body) ?? []);
    for (const id of ids) waiting.add(id);
    const stored = await store.versions(ids);
    const closed: Message[] = [];
    for (const some of inTens(letters.filter((letter) => isCovered(letter, stored, known)))) {
      const failed = await deadLetters.remove(some);
      closed.push(...some.filter((_, n) => !failed.includes(n)));
    }
    for (const letter of letters) if (!closed.includes(letter)) open.set(letter.messageId, letter);
    return closed.length;
  }

  async function take(): Promise<Message[]> {
    const letters: Message[] = [];
    while (letters.length < MOST.together && !stopping.signal.aborted) {
      const some = await deadLetters.receive(QUEUE_BATCH, 0, stopping.signal);
      if (some.length === 0) break;
      letters.push(...some);
    }
    return letters;
  }

  schedule(PAUSE.soon);
  return {
    buried: (id) => void waiting.add(id),
    looked(id, version, start) {
      if (!waiting.delete(id)) return;
      covers.set(id, { version, start });
      if (sweeping === null) schedule(PAUSE.soon);
    },
    async stop() {
      stopping.abort();
      cancel?.();
      await sweeping;
    },
  };
}

function isCovered(message: Message, stored: ReadonlyMap<string, number>, covers: ReadonlyMap<string, Cover>): boolean {
  const id = resourceIdOf(message.body);
  if (id === null) return false;
  const cover = covers.get(id);
  const { version } = readAttributes(message.attributes);
  if (version !== undefined) return Math.max(stored.get(id) ?? 0, cover?.version ?? 0) >= version;
  return cover !== undefined && cover.start > message.sentAt;
}

function inTens(messages: readonly Message[]): Message[][] {
  return Array.from({ length: Math.ceil(messages.length / QUEUE_BATCH) }, (_, n) =>
    messages.slice(n * QUEUE_BATCH, (n + 1) * QUEUE_BATCH),
  );
}
