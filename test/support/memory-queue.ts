import type { VirtualClock } from '../../consumers/testing/clock.ts';
import { type MemoryQueueOptions, memoryQueue as queueInMemory } from '../../consumers/testing/memory-queue.ts';

/** A queue in memory, to which rings about shops are sent by id and version. */
export function memoryQueue(clock: VirtualClock, options: MemoryQueueOptions = {}) {
  const queue = queueInMemory(clock, options);
  return {
    ...queue,
    send: (id: string, version?: number, type = 'shop.details-changed') =>
      queue.ring(id, type, version === undefined ? {} : { version }),
  };
}
