import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ageOf } from '../contracts/wire/age.ts';
import type { Freshness } from './freshness.ts';
import { addFreshness } from './freshness-metrics.ts';
import type { ConsumerEvent, Observe } from './runtime/queue/events.ts';

/** Metrics of a consumer, in the text format of Prometheus. */
export type Metrics = { observe: Observe; text: () => Promise<string> };

/** Seconds from ring to view (OpenTelemetry's buckets for messaging). */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Makes the metrics of one consumer, all at zero. */
export function createMetrics(consumer: string, freshness: Freshness): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ consumer });
  addFreshness(registry, freshness);
  const counter = <Label extends string>(name: string, help: string, labelNames: Label[]) =>
    new Counter({ name: `doorbell_${name}_total`, help, labelNames, registers: [registry] });
  const received = counter('received', 'Messages received.', []);
  const settled = counter('settled', 'Rings that ended well, by outcome.', ['outcome']);
  const requests = counter('source_requests', 'HTTP requests to the source, repeated ones not counted.', []);
  const resources = counter('source_resources', 'Resources asked for in those requests.', []);
  const buried = counter('dead_lettered', 'Messages put into the dead-letter queue, by reason.', ['reason']);
  const healed = counter('healed', 'Dead letters deleted because a later look made them unnecessary.', []);
  const returned = counter('given_back', 'Messages given back to the queue.', []);
  const answers = counter('feed_answers', 'Answers of the feed.', []);
  const changes = counter('feed_changes', 'Changes read from the feed.', []);
  const missed = counter('missed', 'Changes in the feed whose rings did not come in time.', []);
  const holds = counter('holds', 'Times that the consumer began to hold, since too many views would be closed.', []);
  const troubles = counter('faults', 'Faults that need attention, by kind.', ['kind']);
  const implausible = counter('implausible_ages', 'Rings aged below 0 or above 30 days: a clock is wrong.', ['age']);
  const registers = [registry];
  const open = new Gauge({
    name: 'doorbell_circuit_open',
    help: '1 while no messages are received because the source or the store does not work.',
    labelNames: ['circuit'],
    registers,
  });
  for (const circuit of ['source', 'store']) open.set({ circuit }, 0);
  const gauge = (name: string, help: string) => new Gauge({ name: `doorbell_${name}`, help, registers });
  const held = gauge('held', '1 while the consumer holds, until an operator resumes.');
  const late = gauge('feed_late', 'Changes of the feed that the source does not show yet.');
  const refill = gauge('refill_resources', 'Resources read so far while all pages are read; 0 otherwise.');
  const lag = new Histogram({
    name: 'doorbell_ring_to_view_seconds',
    help: 'Seconds from commit to view.',
    buckets: BUCKETS,
    registers,
  });

  const count: { [Kind in ConsumerEvent['kind']]?: (event: ConsumerEvent & { kind: Kind }) => void } = {
    received: ({ messages }) => received.inc(messages),
    settled({ outcome, ring, at }) {
      settled.inc({ outcome });
      // A replayed ring is of an old event: its age says nothing about this consumer.
      if (ring.occurredAt === undefined || ring.lane !== undefined) return;
      const age = ageOf(ring.occurredAt, at);
      if (typeof age === 'number') lag.observe(age / 1_000);
      else implausible.inc({ age });
    },
    requested(event) {
      requests.inc();
      resources.inc(event.resources);
    },
    buried: ({ letter }) => buried.inc({ reason: letter.reason }),
    healed: ({ letters }) => healed.inc(letters),
    returned: () => returned.inc(),
    circuit: ({ of, state }) => open.set({ circuit: of }, state === 'open' ? 1 : 0),
    held() {
      holds.inc();
      held.set(1);
    },
    resumed: () => held.set(0),
    followed(event) {
      answers.inc();
      changes.inc(event.changes);
      late.set(event.late);
    },
    missed: (event) => missed.inc(event.changes),
    refilling: ({ resources }) => refill.set(resources),
    refilled: () => refill.set(0),
    looked: () => {},
    revised: () => {},
    extended: () => {},
  };

  return {
    observe(event) {
      freshness.observe(event);
      const known = count[event.kind] as ((event: ConsumerEvent) => void) | undefined;
      if (known === undefined) troubles.inc({ kind: event.kind });
      else known(event);
    },
    text: () => registry.metrics(),
  };
}
