import type { Clock } from '../system.ts';
import { BATCH, channelsOf, type Delivery, type Publish, type Ring } from './ring.ts';

/** Dependencies of publishing. */
export type PublishDeps = {
  publish: Publish;
  clock: Clock;
  /** Stores a ring that SNS refuses for good, so that it is not lost and blocks no other ring. */
  park: (ring: Ring, reason: string) => Promise<void>;
  /** Called before every repeated try. */
  onRetry: (reason: string, rings: number, attempt: number) => void;
  /** Maximum number of calls in flight; CHANNELS by default. */
  channels?: number | undefined;
};

/** 8 calls in flight: SNS answers in some 10 ms, which makes about 8,000 rings per second. */
export const CHANNELS = 8;
/** 50 ms to 5 s: the first wait suits a throttled call, the last an outage of SNS. */
const BACKOFF = { first: 50, most: 5_000 };

/**
 * Publishes all rings in parallel calls. Returns true when each was accepted by SNS or parked; false if stopped before.
 */
export async function publishInChannels(rings: Ring[], deps: PublishDeps, signal: AbortSignal): Promise<boolean> {
  const channels = channelsOf(rings, deps.channels ?? CHANNELS);
  const through = await Promise.all(channels.map((channel) => publishChannel(channel, deps, signal)));
  return through.every(Boolean);
}

async function publishChannel(channel: Ring[], deps: PublishDeps, signal: AbortSignal): Promise<boolean> {
  let waiting = channel;
  let failures = 0;
  while (waiting.length > 0) {
    if (signal.aborted) return false;
    const batch = waiting.slice(0, BATCH);
    const { again, reason } = await publishBatch(batch, deps, signal);
    // Failed rings go first in the next call; accepted rings are not sent again.
    waiting = [...again, ...waiting.slice(BATCH)];
    failures = again.length === 0 ? 0 : failures + 1;
    if (failures > 0) {
      deps.onRetry(reason, again.length, failures);
      await deps.clock.sleep(backoff(failures, deps.clock), signal);
    }
  }
  return true;
}

async function publishBatch(
  batch: Ring[],
  deps: PublishDeps,
  signal: AbortSignal,
): Promise<{ again: Ring[]; reason: string }> {
  const results = await deps.publish(batch, signal).catch((error: Error) => allFailed(batch, error));
  const again: Ring[] = [];
  let reason = '';
  for (const [n, ring] of batch.entries()) {
    const result = results[n] ?? { accepted: false, retryable: true, reason: 'SNS gave no result for this entry' };
    if (result.accepted) continue;
    reason = result.reason;
    if (result.retryable) again.push(ring);
    else await deps.park(ring, result.reason);
  }
  return { again, reason };
}

function allFailed(batch: Ring[], error: Error): Delivery[] {
  return batch.map(() => ({ accepted: false, retryable: true, reason: `${error.name}: ${error.message}` }));
}

/** Waiting time in milliseconds with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter"). */
function backoff(failures: number, { random }: Clock): number {
  return random() * Math.min(BACKOFF.most, BACKOFF.first * 2 ** failures);
}
