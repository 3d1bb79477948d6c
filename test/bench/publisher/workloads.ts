import type { Entry } from '../run-bench.ts';
import { atSize, SIZES } from './growth.ts';
import type { Run, Task } from './protocol.ts';

/** The subject that others are compared with in the workloads `ring-…`. */
export const HAND_WRITTEN = 'hand-written-outbox';

/** Who rings, by the name of their file. Another relay is a file like doorbell.ts, and its name here. */
const relays = ['doorbell', 'doorbell-log', 'pg-transactional-outbox-poll', 'pg-transactional-outbox-replication'];
/** Doorbell's own: those that are measured alone where the peer would take minutes. */
const ownRelays = relays.filter((name) => name.startsWith('doorbell'));
/** The same relays over the outbox of any service. */
const outboxRelays = ['doorbell-outbox', 'doorbell-outbox-log'];
/** Who rings in a transaction of its own; all are compared with the outbox that a team writes by hand. */
const bells = [
  HAND_WRITTEN,
  'product-update',
  'doorbell-ring',
  'doorbell-ring-client',
  'doorbell-trigger',
  'pg-transactional-outbox-insert',
];
const writers = ['doorbell', 'doorbell-append', 'bare-update', ...relays.filter((name) => !ownRelays.includes(name))];

const all = (subjects: readonly string[], task: Task, stored: number | null = null): Entry<Run>[] =>
  subjects.map((subject) => ({ subject, run: { subject, task, stored } }));

/** 500 ms: connections, plans and compiled code. */
const writing = (clients: number): Task => ({ kind: 'write', clients, warmUp: 500, ms: 1_500 });
const ringing = (clients: number): Task => ({ kind: 'ring', clients, warmUp: 1_000, ms: 2_500 });
const following: Task = { kind: 'follow', perSecond: 200, ms: 5_000 };
const reading: Task = { kind: 'as-of', reads: 2_000 };
const draining = (events: number, sink: 'noop' | 'sns'): Task => ({ kind: 'drain', events, sink });

/** The same backlog, writes and reads on databases of three sizes. */
const growing: Record<string, Task> = {
  // 4 s: every page of the indexes is written in full once after a checkpoint, and the larger the more of them.
  'write-8': { kind: 'write', clients: 8, warmUp: 4_000, ms: 3_000 },
  'drain-noop': draining(20_000, 'noop'),
  'commit-to-relay': following,
  'as-of': reading,
};
const grown = Object.entries(growing).flatMap(([name, task]) =>
  SIZES.map((size): [string, Entry<Run>[]] => [atSize(name, size), all(['doorbell'], task, size)]),
);

/** What is measured if nothing is asked for. The peers' backlogs are short, and so is Doorbell's beside them. */
export const standard: Record<string, Entry<Run>[]> = {
  'write-1': all(writers, writing(1)),
  'write-8': all(writers, writing(8)),
  'write-32': all(writers, writing(32)),
  'ring-1': all(bells, ringing(1)),
  'ring-8': all(bells, ringing(8)),
  'ring-32': all(bells, ringing(32)),
  'drain-noop': all([...relays, ...outboxRelays], draining(10_000, 'noop')),
  'drain-noop-long': all([...ownRelays, ...outboxRelays], draining(100_000, 'noop')),
  'drain-sns': all(relays, draining(1_000, 'sns')),
  'drain-sns-long': all(ownRelays, draining(100_000, 'sns')),
  'commit-to-relay': all(relays, following),
  'as-of': all(['doorbell'], reading, 100_000),
};

/** Every workload by its name; `--workload` chooses, and `--workload growth` takes all with an `@`. */
export const workloads: Record<string, Entry<Run>[]> = { ...standard, ...Object.fromEntries(grown) };
export const growth = grown.map(([name]) => name);
