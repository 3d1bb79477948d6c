import { format } from 'node:util';
import type { RelayEvent } from './relay/relay.ts';

/** Events that a publisher reports. */
export type PublisherEvent =
  | RelayEvent
  | { kind: 'listening'; port: number }
  | { kind: 'error'; name: string; message: string }
  /** Text that a library wrote to the console. */
  | { kind: 'console'; reason: string };

/** Events of normal operation; single rings are for metrics and not for the log. */
const QUIET = new Set<string>(['rung', 'standing-by']);

/** Fields that may be logged. Data of a shop's event is not in the list. */
const FIELDS = [
  'port',
  'epoch',
  'position',
  'reason',
  'attempt',
  'ms',
  'slot',
  'bytes',
  'status',
  'changes',
  'name',
  'message',
];

/** Formats an event as one line of JSON, or returns null for an event that is not logged. */
export function logLine(event: PublisherEvent): string | null {
  if (QUIET.has(event.kind)) return null;
  const facts = event as Record<string, unknown>;
  const own = Object.fromEntries(FIELDS.flatMap((name) => (facts[name] === undefined ? [] : [[name, facts[name]]])));
  return JSON.stringify({ kind: event.kind, ...own, ...aboutRings(event) });
}

function aboutRings(event: PublisherEvent) {
  if (event.kind === 'retrying') return { rings: event.rings };
  if (event.kind !== 'parked') return {};
  const { id, type, version, eventId } = event.ring;
  return { id, type, version, eventId };
}

/** Maximum characters of a library's message. */
const MOST_SAID = 1_000;

/** Turns what libraries write to the console, such as the AWS SDK, into lines of the log: log readers expect JSON. */
export function logConsole(log: (said: { kind: 'console'; reason: string }) => void): void {
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
    console[level] = (...said: unknown[]) => log({ kind: 'console', reason: format(...said).slice(0, MOST_SAID) });
}
