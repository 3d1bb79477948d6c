import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { agreements } from '../../../contracts/shops/agreements/all.ts';
import { consumersOf } from '../../../contracts/wire/agreement.ts';
import type { RelayEvent } from '../../../publisher/relay/relay.ts';

/** Knows which rings still wait for whom. Either side may be the first to tell of a ring. */
export type Settling = {
  relay: (event: RelayEvent) => void;
  consumer: (name: string, event: ConsumerEvent) => void;
  settled: () => Promise<void>;
};

/** 400 ms: whoever settled a ring deletes its message within that. */
const QUIET = 400;

/** Makes the books of who has settled what. `isRung` says whether the relay has rung for every event there is. */
export function createSettling(isRung: () => Promise<boolean>): Settling {
  const consumers = consumersOf(agreements);
  const waiting = new Set<string>();
  const early = new Set<string>();
  let last = performance.now();
  const isOver = () => waiting.size === 0 && performance.now() - last > QUIET;
  return {
    relay(event) {
      if (event.kind !== 'rung') return;
      last = performance.now();
      for (const { eventId, type } of event.rings)
        for (const { name, wakesOn } of consumers) {
          const key = `${name} ${eventId}`;
          if (wakesOn.includes(type) && !early.delete(key)) waiting.add(key);
        }
    },
    consumer(name, event) {
      if (event.kind !== 'settled') return;
      last = performance.now();
      const key = `${name} ${event.ring.eventId}`;
      if (!waiting.delete(key)) early.add(key);
    },
    async settled() {
      while (!(await isRung()) || !isOver()) await new Promise((resolve) => setTimeout(resolve, 50));
    },
  };
}
