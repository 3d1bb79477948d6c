import type { ConsumerEvent } from '../../consumers/runtime/events.ts';
import { encodeNotification } from '../../contracts/notification.ts';
import type { Ring } from '../../publisher/relay/ring.ts';

type Answer = { text: string; at: number };
type Pending = { ring: Ring | null; answers: Map<string, Answer> };

export type RingLogOptions = {
  /** Which consumers a type wakes. */
  consumers: readonly { name: string; wakesOn: readonly string[] }[];
  print: (line: string) => void;
};

/** 10,000 rings that still wait for somebody to look; older ones are printed as they stand. */
const MOST_PENDING = 10_000;

/** Makes one line of each ring: what was rung, its bytes on the wire, who looked, and how long from commit to view. */
export function createRingLog({ consumers, print }: RingLogOptions) {
  const pending = new Map<string, Pending>();
  let position = 0;
  let waiting: { position: number; resolve: () => void }[] = [];

  function entry(eventId: string): Pending {
    const known = pending.get(eventId);
    if (known !== undefined) return known;
    const fresh: Pending = { ring: null, answers: new Map() };
    pending.set(eventId, fresh);
    const [oldest] = pending.keys();
    if (pending.size > MOST_PENDING && oldest !== undefined) finish(oldest);
    return fresh;
  }

  /** A consumer can be faster than the relay's own bookkeeping, so either may come first. */
  function check(eventId: string, { ring, answers }: Pending): void {
    if (ring !== null && consumers.every(({ name, wakesOn }) => !wakesOn.includes(ring.type) || answers.has(name)))
      finish(eventId);
  }

  function finish(eventId: string): void {
    const { ring, answers } = entry(eventId);
    pending.delete(eventId);
    if (ring !== null) print(lineOf(ring, answers));
    announce();
  }

  function announce(): void {
    if (pending.size > 0) return;
    for (const each of waiting) if (each.position <= position) each.resolve();
    waiting = waiting.filter((each) => each.position > position);
  }

  function lineOf(ring: Ring, answers: Pending['answers']): string {
    const bytes = Buffer.byteLength(encodeNotification({ id: ring.id, type: ring.type }));
    const who = consumers.map(({ name, wakesOn }) => {
      const answer = answers.get(name);
      if (answer === undefined) return `${name} ${wakesOn.includes(ring.type) ? 'has not looked yet' : 'sleeps'}`;
      return `${name} ${answer.text} ${answer.at - ring.occurredAt}ms`;
    });
    const time = new Date(ring.occurredAt).toISOString().slice(11, 23);
    return `${time}  ${ring.type}  ${ring.id}  v${ring.version}  ${bytes} B  ${who.join(' · ')}`;
  }

  return {
    /** Where the relay stood before it rang anything. */
    resume(from: number): void {
      position = Math.max(position, from);
      announce();
    },
    rung(rings: readonly Ring[]): void {
      for (const ring of rings) {
        const known = entry(ring.eventId);
        known.ring = ring;
        position = Math.max(position, ring.position);
        check(ring.eventId, known);
      }
    },
    /** Resolves when every event up to a position was rung, and everybody it wakes has looked. */
    untilSettled: (upTo: number): Promise<void> =>
      new Promise((resolve) => {
        waiting.push({ position: upTo, resolve });
        announce();
      }),
    settled(consumer: string, { ring, outcome, version, gone, at }: ConsumerEvent & { kind: 'settled' }): void {
      if (ring.eventId === undefined) return;
      const known = entry(ring.eventId);
      const text =
        outcome === 'skipped' ? `skipped, has v${version}` : gone ? `closed at v${version}` : `looked v${version}`;
      known.answers.set(consumer, { text, at });
      check(ring.eventId, known);
    },
    /** Prints what still waits. */
    flush(): void {
      for (const eventId of [...pending.keys()]) finish(eventId);
    },
  };
}

export type RingLog = ReturnType<typeof createRingLog>;
