import { format } from 'node:util';
import { resourceIdOf } from '../contracts/wire/notification.ts';
import type { ConsumerEvent } from './runtime/queue/events.ts';
import type { Message } from './runtime/queue/queue.ts';

/** Events of single rings, which are for metrics and not for the log. */
const QUIET = new Set<string>(['received', 'requested', 'looked', 'settled', 'extended']);

/** Fields that may be logged. Content of messages is not in the list. */
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

/**
 * Formats an event as one line of JSON, or returns null for an event that is not logged. It has ids and versions, and
 * nothing from a body.
 */
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
    // An exception comes from our own code; text from a source stays in the dead letter.
    ...(letter?.exception && { exception: String(letter.exception), stack: letter.exception.stack }),
    ...(ring && { id: ring.id, version: ring.version }),
  };
}

/** Maximum characters of a library's message. */
const MOST_SAID = 1_000;

/** Turns what libraries write to the console, such as the AWS SDK, into lines of the log: log readers expect JSON. */
export function logConsole(log: (said: { kind: 'console'; reason: string }) => void): void {
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
    console[level] = (...said: unknown[]) => log({ kind: 'console', reason: format(...said).slice(0, MOST_SAID) });
}
