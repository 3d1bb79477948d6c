import type { DeadLetter, Message, Queue } from '../queue/queue.ts';
import { createKnownVersions, type KnownVersions } from '../refresh/known-versions.ts';
import type { RefreshRequest } from '../refresh/look.ts';

/** Memory of dead-lettered rings: for each resource the version up to which they are in the dead-letter queue. */
export type Buried = Pick<KnownVersions, 'get'> & {
  /** Remembers rings that can't become a view. They count as soon as one of them is in the dead-letter queue. */
  poisoned: (request: RefreshRequest, version: number | undefined) => void;
  bury: Queue['bury'];
};

/** Makes the memory of what was buried. A letter that the queue did not take is not buried. */
export function createBuried(queue: Pick<Queue, 'bury'>): Buried {
  const versions = createKnownVersions();
  const poison = new WeakMap<Message, { id: string; version: number }>();

  return {
    get: versions.get,
    poisoned({ id, rings }, version = 0) {
      const newest = Math.max(version, ...rings.map((ring) => ring.version ?? 0));
      for (const { message } of rings) poison.set(message, { id, version: newest });
    },
    async bury(letters: readonly DeadLetter[]) {
      const failed = await queue.bury(letters);
      for (const [n, { message }] of letters.entries()) {
        const known = poison.get(message);
        if (known !== undefined && !failed.includes(n)) versions.learn(known.id, known.version);
      }
      return failed;
    },
  };
}
