import type { Replay } from '../../../publisher/shops/replay/replays.ts';
import type { TypeCount } from '../../../publisher/shops/replay/selection.ts';
import { count, seconds, table } from '../../terminal.ts';

type Format = { json?: boolean };

const ndjson = (values: readonly object[]) =>
  values.map((value) => JSON.stringify({ schemaVersion: 1, ...value })).join('\n');

/** Writes how many events and rings each type has. NDJSON of no types is empty. */
export function countsText(counts: readonly TypeCount[], { json }: Format): string {
  if (json) return ndjson(counts);
  if (counts.length === 0) return 'Nothing to ring.';
  const sum = (key: 'events' | 'rings') => count(counts.reduce((total, each) => total + each[key], 0));
  const rows = counts.map(({ type, events, rings }) => [type, count(events), count(rings)]);
  return table([['TYPE', 'EVENTS', 'RINGS'], ...rows, ['', sum('events'), sum('rings')]]);
}

/** Writes the state of a replay. `ms` is how long this run took, or null if it did not ring. */
export function replayText(replay: Replay, ms: number | null, { json }: Format): string {
  if (json) return ndjson([replay]);
  const { id, consumer, rung, refused, state, updatedAt } = replay;
  const where = consumer === null ? 'at the topic' : `at the queue of ${consumer}`;
  const when = ms === null ? `at ${updatedAt}` : `after ${seconds(ms)}`;
  return `Replay ${id}: ${count(rung)} rings ${where}, ${count(refused)} refused; ${state} ${when}`;
}

/** Writes replays as a table, or as NDJSON. */
export function replaysText(replays: readonly Replay[], { json }: Format): string {
  if (json) return ndjson(replays);
  if (replays.length === 0) return 'No replays yet.';
  const rows = replays.map(({ id, state, consumer, rung, rings, refused, startedAt, updatedAt }) => [
    ...[String(id), state, consumer ?? 'all', count(rung), count(rings), count(refused)],
    ...[startedAt, updatedAt],
  ]);
  return table([['ID', 'STATE', 'CONSUMER', 'RUNG', 'OF', 'REFUSED', 'STARTED', 'UPDATED'], ...rows]);
}
