import type { Queue } from '../queue/queue.ts';
import type { Clock } from '../system.ts';
import type { Poison } from './progress.ts';

/** Dead letters of a consumer without a broker. It has no queue for them, so it keeps them with its progress. */
export type PoisonKeeper = {
  /** Takes what another process has kept, as far as nothing is known here. */
  load: (kept: readonly (readonly [string, Poison])[]) => void;
  all: () => [string, Poison][];
  ids: () => string[];
  /** Forgets what has a view as new by now. */
  heal: (versions: ReadonlyMap<string, number>) => void;
  /** A queue in which no message comes. It keeps the dead letters that it is given. */
  queue: Queue;
};

/**
 * 500, with 200 characters each of what was wrong: an item of DynamoDB holds 400 KB, and more is a broken agreement,
 * which the first ones show. The oldest are forgotten.
 */
const MOST_KEPT = 500;
const MOST_DETAIL = 200;

/** Makes the place for what can't be a view. */
export function createPoisonKeeper({ now }: Pick<Clock, 'now'>): PoisonKeeper {
  let kept = new Map<string, Poison>();
  let isLoaded = false;

  return {
    load(stored) {
      if (!isLoaded) kept = new Map([...stored, ...kept]);
      isLoaded = true;
    },
    all: () => [...kept],
    ids: () => [...kept.keys()],
    heal(versions) {
      for (const [id, { version }] of kept) if ((versions.get(id) ?? 0) >= version) kept.delete(id);
    },
    queue: {
      async receive(_most, _seconds, signal) {
        if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        throw signal.reason;
      },
      remove: async () => [],
      release: async () => [],
      async bury(letters) {
        for (const { message, version = 0, reason, detail, status, field } of letters) {
          const { id } = JSON.parse(message.body) as { id: string };
          kept.delete(id);
          const short = detail.slice(0, MOST_DETAIL);
          kept.set(id, {
            version,
            reason,
            detail: short,
            ...(status && { status }),
            ...(field && { field }),
            at: now(),
          });
        }
        for (const id of kept.keys().take(Math.max(0, kept.size - MOST_KEPT))) kept.delete(id);
        return [];
      },
    },
  };
}
