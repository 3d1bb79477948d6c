import { format } from 'node:util';
import { resourceIdOf } from '../contracts/wire/notification.ts';
import type { ConsumerEvent } from './runtime/queue/events.ts';
import type { Message } from './runtime/queue/queue.ts';

/** The events that a person should see; single rings are for metrics. */
const QUIET = new Set<string>(['received', 'requested', 'looked', 'settled', 'extended']);

/** By allow-list: what came in a message is not for a log. */
const FIELDS = [
  'port',
  'resources',
  'letters',
  'reason',
  'id',
  'version',
  'seconds',
  'found',
  'tries',
  'ms',
  'state',
  'of',
  'status',
];

/** One line of JSON about an event, or null for one that nobody wants to read; ids and versions, and nothing of a body. */
export function logLine(
  event: ConsumerEvent | { kind: 'listening'; port: number } | { kind: 'console'; reason: string },
): string | null {
  if (QUIET.has(event.kind)) return null;
  const facts = event as Record<string, unknown>;
  const own = Object.fromEntries(FIELDS.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
  return JSON.stringify({ kind: event.kind, ...own, ...aboutMessage(event as Partial<Told>) });
}

type Told = ConsumerEvent & { kind: 'buried' } & { message: Message; ring: { id: string; version?: number } };

function aboutMessage({ letter, ring, message = letter?.message }: Partial<Told>) {
  return {
    ...(message && { id: resourceIdOf(message.body), messageId: message.messageId, receives: message.receiveCount }),
    ...(letter && { reason: letter.reason, status: letter.status, version: letter.version, field: letter.field }),
    // What our own code threw is ours; what a source wrote stays in the letter.
    ...(letter?.exception && { exception: String(letter.exception), stack: letter.exception.stack }),
    ...(ring && { id: ring.id, version: ring.version }),
  };
}

/** Characters of what a library says. */
const MOST_SAID = 1_000;

/** Makes lines of the log of what libraries write to the console, the AWS SDK for one: who reads a log expects JSON. */
export function logConsole(log: (said: { kind: 'console'; reason: string }) => void): void {
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
    console[level] = (...said: unknown[]) => log({ kind: 'console', reason: format(...said).slice(0, MOST_SAID) });
}
