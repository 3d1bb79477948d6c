import type { Replay } from '../../../publisher/shops/replay/replays.ts';
import type { TypeCount } from '../../../publisher/shops/replay/selection.ts';
import { count, seconds, table } from '../../terminal.ts';

type Format = { json?: boolean };

const ndjson = (values: readonly object[]) =>
  values.map((value) => JSON.stringify({ schemaVersion: 1, ...value })).join('\n');

/** What a replay would ring, by type; empty as NDJSON if that is nothing. */
export function countsText(counts: readonly TypeCount[], { json }: Format): string {
  if (json) return ndjson(counts);
  if (counts.length === 0) return 'Nothing to ring.';
  const sum = (key: 'events' | 'rings') => count(counts.reduce((total, each) => total + each[key], 0));
  const rows = counts.map(({ type, events, rings }) => [type, count(events), count(rings)]);
  return table([['TYPE', 'EVENTS', 'RINGS'], ...rows, ['', sum('events'), sum('rings')]]);
}

/** How a replay stands; `ms` is how long it rang now, null if it didn't. */
export function replayText(replay: Replay, ms: number | null, { json }: Format): string {
  if (json) return ndjson([replay]);
  const { id, consumer, rung, refused, state, updatedAt } = replay;
  const where = consumer === null ? 'at the topic' : `at the queue of ${consumer}`;
  const when = ms === null ? `at ${updatedAt}` : `after ${seconds(ms)}`;
  return `Replay ${id}: ${count(rung)} rings ${where}, ${count(refused)} refused; ${state} ${when}`;
}

/** Replays, one a line. */
export function replaysText(replays: readonly Replay[], { json }: Format): string {
  if (json) return ndjson(replays);
  if (replays.length === 0) return 'No replays yet.';
  const rows = replays.map(({ id, state, consumer, rung, rings, refused, startedAt, updatedAt }) => [
    ...[String(id), state, consumer ?? 'all', count(rung), count(rings), count(refused)],
    ...[startedAt, updatedAt],
  ]);
  return table([['ID', 'STATE', 'CONSUMER', 'RUNG', 'OF', 'REFUSED', 'STARTED', 'UPDATED'], ...rows]);
}
