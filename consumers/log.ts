import { format } from 'node:util';
import { resourceIdOf } from '../contracts/wire/notification.ts';
import type { ConsumerEvent } from './runtime/queue/events.ts';
import type { Message } from './runtime/queue/queue.ts';
import type { Clock } from './runtime/system.ts';

/** Events of single rings, which are for metrics and not for the log. */
const QUIET = new Set<string>(['received', 'requested', 'looked', 'settled', 'extended', 'followed', 'refilling']);

/** Fields that may be logged. Content of messages is not in the list. */
const FIELDS = [
  'port',
  'clean',
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
  'changes',
  'revision',
  'why',
];

/** Events that a log has: those of a consumer, and those of the process around it. */
export type LoggedEvent =
  | ConsumerEvent
  | { kind: 'listening'; port: number }
  /** The consumer has stopped; `clean` if nothing in hand was left over. */
  | { kind: 'stopped'; clean: boolean }
  /** Text that a library wrote to the console. */
  | { kind: 'console'; reason: string };

/** Facts of an event that may be logged: ids, versions and numbers, and nothing from a body. */
export type LogFacts = { kind: LoggedEvent['kind']; [fact: string]: unknown };

/** An entry of the log: the facts of an event, when it happened (ISO 8601), and whose it is. */
export type LogEntry = LogFacts & { time: string; consumer: string };

/** Formats an event as one line of JSON, or returns null for an event that is not logged. */
export function logLine(event: LoggedEvent): string | null {
  const facts = logFacts(event);
  return facts && JSON.stringify(facts);
}

/** Makes the log of a consumer, which gives each event to be logged to `write`. */
export function createLog(
  consumer: string,
  clock: Pick<Clock, 'now'>,
  write: (entry: LogEntry) => void,
): (event: LoggedEvent) => void {
  return (event) => {
    const facts = logFacts(event);
    if (facts !== null) write({ time: new Date(clock.now()).toISOString(), consumer, ...facts });
  };
}

/** Writes an entry to standard output, as one line of JSON. */
export function writeJsonLine(entry: LogEntry): void {
  process.stdout.write(`${JSON.stringify(entry)}\n`);
}

function logFacts(event: LoggedEvent): LogFacts | null {
  if (QUIET.has(event.kind)) return null;
  const facts = event as Record<string, unknown>;
  const own = Object.fromEntries(FIELDS.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
  return { kind: event.kind, ...own, ...aboutMessage(event as Partial<Told>) };
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
