import { NotificationError } from '../../../contracts/wire/notification.ts';
import type { Observe } from '../queue/events.ts';
import type { Message } from '../queue/queue.ts';
import { type Ring, readRing } from '../queue/ring.ts';
import type { Settle } from '../queue/settle.ts';
import type { Clock } from '../system.ts';
import type { KnownVersions } from './known-versions.ts';

/** Dependencies of reading messages. */
export type TriageDeps = {
  settle: Pick<Settle, 'ack' | 'bury'>;
  known: KnownVersions;
  observe: Observe;
  clock: Clock;
  onLeft: (message: Message) => void;
};

/** Reads messages: gives back the rings to look at, and settles by itself what needs no look. */
export function createTriage(wakesOn: readonly string[], { settle, known, observe, clock, onLeft }: TriageDeps) {
  const wakes = new Set(wakesOn);

  function acknowledge(ring: Ring, outcome: 'asleep' | 'skipped', version: number | null): void {
    observe({ kind: 'settled', ring, outcome, version, gone: false, at: clock.now(), ms: 0 });
    settle.ack(ring.message, onLeft);
  }

  return (message: Message): Ring | null => {
    try {
      const ring = readRing(message);
      const version = ring.version === undefined ? 0 : known.get(ring.id);
      if (!wakes.has(ring.type)) acknowledge(ring, 'asleep', null);
      else if (ring.version !== undefined && ring.version <= version) acknowledge(ring, 'skipped', version);
      else return ring;
    } catch (error) {
      if (!(error instanceof NotificationError)) throw error;
      const letter = { message, reason: 'malformed-notification', detail: error.message } as const;
      void settle.bury(letter).then(() => onLeft(message));
    }
    return null;
  };
}
