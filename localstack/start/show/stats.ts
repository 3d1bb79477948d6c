import { createHistogram } from 'node:perf_hooks';
import type { ConsumerEvent } from '../../../consumers/runtime/queue/events.ts';
import { ageOf } from '../../../contracts/wire/age.ts';
import type { RelayEvent } from '../../../publisher/relay/relay.ts';

/** Makes counters of events since the start. */
export function createStats() {
  const latency = createHistogram();
  const counts = { rung: 0, collapsed: 0, settled: 0, skipped: 0, requests: 0, shops: 0, stale: 0, buried: 0 };
  const record = (age: ReturnType<typeof ageOf>) => typeof age === 'number' && latency.record(Math.max(1, age));
  return {
    relay(event: RelayEvent): void {
      if (event.kind !== 'rung') return;
      counts.rung += event.rings.length;
      counts.collapsed += event.collapsed;
    },
    consumer(event: ConsumerEvent): void {
      if (event.kind === 'requested') {
        counts.requests++;
        counts.shops += event.resources;
      } else if (event.kind === 'stale') counts.stale++;
      else if (event.kind === 'buried') counts.buried++;
      else if (event.kind === 'settled') {
        counts.settled++;
        if (event.outcome === 'skipped') counts.skipped++;
        // A replayed event is old, so its age is not our latency.
        if (event.ring.occurredAt !== undefined && event.ring.lane === undefined)
          record(ageOf(event.ring.occurredAt, event.at));
      }
    },
    /** `p50` and `p99` from commit to view, in milliseconds; 0 before the first view. */
    read: () => ({ ...counts, p50: latency.percentile(50), p99: latency.percentile(99) }),
    /** Resets the latencies, so that a bulk import does not change later figures. */
    resetLatency: () => latency.reset(),
  };
}

/** Counters of events since the start. */
export type Stats = ReturnType<typeof createStats>;
