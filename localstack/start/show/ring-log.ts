import { LRUCache } from 'lru-cache';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { encodeNotification } from '../../../contracts/wire/notification.ts';
import type { Ring } from '../../../publisher/relay/ring.ts';

type Settled = ConsumerEvent & { kind: 'settled' };
type Answer = { text: string; at: number };
type Facts = { id: string; type: string; version?: number; occurredAt?: number };
type Pending = { facts: Facts; answers: Map<string, Answer> };

/** Consumers and output of a ring log. */
export type RingLogOptions = {
  /** The consumers, with the types that wake them. */
  consumers: readonly { name: string; wakesOn: readonly string[] }[];
  print: (line: string) => void;
};

/** Prints one line for each ring. */
export type RingLog = {
  /** Sets the position of the relay before its first ring. */
  resume: (position: number) => void;
  rung: (rings: readonly Ring[]) => void;
  settled: (consumer: string, event: Settled) => void;
  /** Resolves when every event up to a position was rung, and every consumer that it wakes has looked. */
  untilSettled: (position: number) => Promise<void>;
  /** Prints the rings that still wait. */
  flush: () => void;
};

/** 10,000 rings that wait for a look (older ones are printed unfinished), and as many finished ones. */
const MOST = 10_000;

/**
 * Makes a log with one line per ring: notification, bytes of its body, which consumers looked, and time to the view.
 */
export function createRingLog({ consumers, print }: RingLogOptions): RingLog {
  const pending = new Map<string, Pending>();
  /** Rings that have their line. A ring that SQS delivers again gets no second one. */
  const finished = new LRUCache<string, true>({ max: MOST });
  let position = 0;
  let waiting: { position: number; resolve: () => void }[] = [];

  /** Finds or adds a ring. A consumer may report it before the relay does. */
  function entry(eventId: string, facts: Facts): Pending | null {
    if (finished.has(eventId)) return null;
    const known = pending.get(eventId);
    if (known !== undefined) return known;
    const fresh: Pending = { facts, answers: new Map() };
    pending.set(eventId, fresh);
    const [oldest] = pending.keys();
    if (pending.size > MOST && oldest !== undefined) finish(oldest);
    return fresh;
  }

  function finish(eventId: string): void {
    const done = pending.get(eventId);
    if (done === undefined) return;
    pending.delete(eventId);
    finished.set(eventId, true);
    print(lineOf(done.facts, consumers.map(({ name, wakesOn }) => answerOf(name, wakesOn, done)).join(' · ')));
    announce();
  }

  function finishIfAnswered(eventId: string, { facts, answers }: Pending): void {
    if (consumers.every(({ name, wakesOn }) => !wakesOn.includes(facts.type) || answers.has(name))) finish(eventId);
  }

  function announce(): void {
    if (pending.size > 0) return;
    for (const each of waiting) if (each.position <= position) each.resolve();
    waiting = waiting.filter((each) => each.position > position);
  }

  return {
    resume(from) {
      position = Math.max(position, from);
      announce();
    },
    rung(rings) {
      for (const ring of rings) {
        const known = entry(ring.eventId, ring);
        position = Math.max(position, ring.position);
        if (known !== null) finishIfAnswered(ring.eventId, known);
      }
      announce();
    },
    settled(consumer, event) {
      const { ring, at } = event;
      // Another publisher may send rings without an event id.
      if (ring.eventId === undefined)
        return print(lineOf(ring, `${consumer} ${textOf(event)}, rung by another publisher`));
      // A replay may ring at one consumer only, so the line does not wait for the others.
      if (ring.lane !== undefined) return print(lineOf(ring, `${consumer} ${textOf(event)}, ${ring.lane}`));
      const known = entry(ring.eventId, ring);
      known?.answers.set(consumer, { text: textOf(event), at });
      if (known !== null) finishIfAnswered(ring.eventId, known);
    },
    untilSettled: (upTo) =>
      new Promise((resolve) => {
        waiting.push({ position: upTo, resolve });
        announce();
      }),
    flush() {
      for (const eventId of [...pending.keys()]) finish(eventId);
    },
  };
}

function textOf({ outcome, version, gone }: Settled): string {
  if (outcome === 'asleep') return 'sleeps';
  if (outcome === 'skipped') return `skipped, has v${version}`;
  return gone ? `closed at v${version}` : `looked v${version}`;
}

function answerOf(name: string, wakesOn: readonly string[], { facts, answers }: Pending): string {
  const answer = answers.get(name);
  if (answer === undefined) return `${name} ${wakesOn.includes(facts.type) ? 'has not looked yet' : 'sleeps'}`;
  return `${name} ${answer.text}${facts.occurredAt === undefined ? '' : ` ${answer.at - facts.occurredAt}ms`}`;
}

function lineOf({ id, type, version, occurredAt }: Facts, who: string): string {
  const bytes = Buffer.byteLength(encodeNotification({ id, type }));
  const time = occurredAt === undefined ? '--:--:--.---' : new Date(occurredAt).toISOString().slice(11, 23);
  return `${time}  ${type}  ${id}  ${version === undefined ? 'v?' : `v${version}`}  ${bytes} B  ${who}`;
}
