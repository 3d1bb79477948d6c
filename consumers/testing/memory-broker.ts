import type { RingFacts } from '../../contracts/wire/attributes.ts';
import type { DeadLetter } from '../runtime/queue/queue.ts';
import type { BrokerPorts } from '../service/options.ts';
import type { VirtualClock } from './clock.ts';
import { type MemoryQueueOptions, memoryQueue } from './memory-queue.ts';

/** A broker in memory: the ports that `startConsumer` takes, and what a test sees and sends. */
export type MemoryBroker = Required<BrokerPorts> & {
  /** Rings: sends a notification with its transport facts. */
  ring: (id: string, type: string, facts?: RingFacts) => void;
  /** Sends any body, as a faulty publisher may. */
  sendBody: (body: string) => void;
  /** Counts the messages in the queue, those in hand too: 0 when all is done. */
  waiting: () => number;
  /** Every letter that was buried so far, with its reason. */
  letters: readonly DeadLetter[];
  /** Counts the messages in the dead-letter queue; healed ones have left it. */
  deadLettersWaiting: () => number;
};

/** Makes a queue and its dead-letter queue in memory and in virtual time. */
export function memoryBroker(clock: VirtualClock, options: Omit<MemoryQueueOptions, 'deadLetters'> = {}): MemoryBroker {
  const deadLetters = memoryQueue(clock);
  const queue = memoryQueue(clock, { ...options, deadLetters });
  return {
    queue: queue.queue,
    deadLetters: deadLetters.queue,
    ring: queue.ring,
    sendBody: (body) => queue.sendBody(body),
    waiting: queue.size,
    letters: queue.dead,
    deadLettersWaiting: deadLetters.size,
  };
}
