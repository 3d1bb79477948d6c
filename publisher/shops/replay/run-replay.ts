import type { Database } from '../../postgres/database.ts';
import { withGrace } from '../../relay/grace.ts';
import { publishInChannels } from '../../relay/publish-channels.ts';
import type { Publish, Ring } from '../../relay/ring.ts';
import type { Clock } from '../../system.ts';
import { watchHopeless } from './hopeless.ts';
import { paced } from './paced.ts';
import { noteProgress, type Replay } from './replays.ts';
import { readStretch } from './selection.ts';

/** Dependencies of a replay. */
export type ReplayDeps = {
  /** A session of its own, which locks the replay. */
  database: Database;
  /** Publishes at the topic, or at one queue. */
  publish: Publish;
  clock: Clock;
  /** Rings per second, at least 1. */
  rate: number;
  onProgress: (replay: Replay) => void;
  /** Called for a ring that the broker refuses for good. It is counted, and the event stays unchanged. */
  onRefused: (ring: Ring, reason: string) => void;
  /** Called before every repeated try. */
  onRetry: (reason: string, rings: number, attempt: number) => void;
};

/** 1,000 rings at most between two stored positions: after kill -9 as many may ring twice. */
const SLICE = 1_000;

/**
 * Rings the selected events of a replay, from its position on, and returns the replay at the end: `done`, or `stopped`
 * when the signal aborted. Calls in flight are finished first, if they take only a moment. Throws where no try can
 * succeed, as for a queue that does not exist, after storing it as `stopped`.
 */
export async function runReplay(deps: ReplayDeps, replay: Replay, signal: AbortSignal): Promise<Replay> {
  const late = withGrace(signal, deps.clock);
  const hopeless: Error[] = [];
  const watched = watchHopeless(deps.publish, (error) => {
    hopeless.push(error);
    late.end();
  });
  const publish = paced(watched, deps.rate, deps.clock);
  // No try follows the last one.
  const onRetry: ReplayDeps['onRetry'] = (...told) => late.signal.aborted || deps.onRetry(...told);
  try {
    const ended = await ringAll({ ...deps, publish, onRetry }, replay, signal, late.signal);
    const [error] = hopeless;
    if (error === undefined) return ended;
    throw new Error(`${error.name}: ${error.message}`, { cause: error });
  } finally {
    late.end();
  }
}

async function ringAll(deps: ReplayDeps, start: Replay, signal: AbortSignal, late: AbortSignal): Promise<Replay> {
  let replay = start;
  while (replay.position < replay.upto && !signal.aborted) {
    const { rings, end } = await readStretch(deps.database, replay.selection, replay.position, replay.upto);
    const last = await ringSlices(deps, replay, rings, signal, late);
    if (last.state === 'stopped') return last;
    replay = { ...last, position: end };
  }
  return note(deps, { ...replay, state: replay.position < replay.upto ? 'stopped' : 'done' });
}

/** Rings about one second's worth at a time, so that Ctrl-C need not wait longer. */
async function ringSlices(
  deps: ReplayDeps,
  start: Replay,
  rings: readonly Ring[],
  signal: AbortSignal,
  late: AbortSignal,
): Promise<Replay> {
  const size = Math.min(SLICE, Math.max(1, Math.floor(deps.rate)));
  let replay: Replay = { ...start, state: 'ringing' };
  for (let n = 0; n < rings.length; n += size) {
    const refused = signal.aborted ? null : await ring(deps, rings.slice(n, n + size), late);
    if (refused === null) return note(deps, { ...replay, state: 'stopped' });
    replay = await note(deps, afterSlice(replay, rings.slice(n, n + size), refused));
  }
  return replay;
}

/** Returns the number of rings that were refused for good; null if it was stopped before the end. */
async function ring({ publish, clock, onRefused, onRetry }: ReplayDeps, rings: Ring[], late: AbortSignal) {
  let refused = 0;
  const park = async (ring: Ring, reason: string) => {
    refused++;
    onRefused(ring, reason);
  };
  return (await publishInChannels(rings, { publish, clock, park, onRetry }, late)) ? refused : null;
}

function afterSlice(replay: Replay, slice: readonly Ring[], refused: number): Replay {
  return {
    ...replay,
    position: slice.at(-1)?.position ?? replay.position,
    rung: replay.rung + slice.length - refused,
    refused: replay.refused + refused,
  };
}

async function note({ database, onProgress }: ReplayDeps, replay: Replay): Promise<Replay> {
  await noteProgress(database, replay);
  onProgress(replay);
  return replay;
}
