import { format } from 'node:util';
import type { RelayEvent } from './relay/relay.ts';

/** Events that a publisher reports. */
export type PublisherEvent =
  | RelayEvent
  | { kind: 'listening'; port: number }
  | { kind: 'error'; name: string; message: string }
  /** Text that a library wrote to the console. */
  | { kind: 'console'; reason: string };

/** What happens all the time; single rings are for metrics. */
const QUIET = new Set<string>(['rung', 'standing-by']);

/** By allow-list: what a shop's event holds is not for a log. */
const FIELDS = ['port', 'epoch', 'position', 'reason', 'attempt', 'ms', 'slot', 'bytes', 'status', 'name', 'message'];

/** One line of JSON about an event, or null for one that nobody wants to read. */
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

/** Characters of what a library says. */
const MOST_SAID = 1_000;

/** Makes lines of the log of what libraries write to the console, the AWS SDK for one: who reads a log expects JSON. */
export function logConsole(log: (said: { kind: 'console'; reason: string }) => void): void {
  for (const level of ['debug', 'log', 'info', 'warn', 'error'] as const)
    console[level] = (...said: unknown[]) => log({ kind: 'console', reason: format(...said).slice(0, MOST_SAID) });
}
