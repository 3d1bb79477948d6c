import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { ageOf, type Implausible } from '../contracts/wire/age.ts';
import type { RelayEvent } from './relay/relay.ts';

/** Metrics of a publisher's relay, in the text format of Prometheus. */
export type RelayMetrics = { observe: (event: RelayEvent) => void; text: () => Promise<string> };

/** Seconds from commit to SNS (OpenTelemetry's buckets for messaging). */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Makes the metrics, all at zero. `now` is the time in milliseconds since the epoch. */
export function createRelayMetrics(now: () => number): RelayMetrics {
  const registers = [new Registry()] as [Registry];
  const counter = (name: string, help: string) => new Counter({ name: `doorbell_${name}_total`, help, registers });
  const gauge = (name: string, help: string) => new Gauge({ name: `doorbell_${name}`, help, registers });
  const rung = counter('rung', 'Rings that SNS accepted, or that are parked.');
  const collapsed = counter('collapsed', 'Events whose ring went out with a later one of the same shop and type.');
  const retried = counter('publish_retries', 'Rings that were sent again, after SNS or the network failed.');
  const parked = counter('parked', 'Rings that SNS refuses for good.');
  const failures = counter('relay_failures', 'Times the relay had to start over.');
  const pruned = counter('pruned_changes', 'Old changes that the relay removed.');
  const pruneFailures = counter('prune_failures', 'Times that old changes could not be removed.');
  const leading = gauge('relay_leading', '1 while this process leads; 0 while it stands by.');
  const waiting = gauge(
    'relay_waiting_seconds',
    'How long the open transaction has been waited for that holds up rings.',
  );
  const slot = gauge(
    'relay_slot_bytes',
    'Log that PostgreSQL kept for the replication slot when it was last too much.',
  );
  const measure = measureAges(registers);

  const count: { [Kind in RelayEvent['kind']]: (event: RelayEvent & { kind: Kind }) => void } = {
    leading: () => leading.set(1),
    'standing-by': () => leading.set(0),
    rung(event) {
      rung.inc(event.rings.length);
      collapsed.inc(event.collapsed);
      waiting.set(0);
      for (const { occurredAt } of event.rings) measure(ageOf(occurredAt, now()));
    },
    retrying: ({ rings }) => retried.inc(rings),
    parked: () => parked.inc(),
    'waiting-for-writer': ({ ms }) => waiting.set(ms / 1_000),
    'catching-up': () => {},
    'slot-behind': ({ bytes }) => slot.set(bytes),
    pruned: ({ changes }) => pruned.inc(changes),
    'prune-failed': () => pruneFailures.inc(),
    failed() {
      failures.inc();
      leading.set(0);
    },
  };
  return {
    observe: (event) => (count[event.kind] as (event: RelayEvent) => void)(event),
    text: () => registers[0].metrics(),
  };
}

function measureAges(registers: [Registry]): (age: number | Implausible) => void {
  const lag = new Histogram({
    name: 'doorbell_commit_to_ring_seconds',
    help: 'From event to SNS.',
    buckets: BUCKETS,
    registers,
  });
  const implausible = new Counter({
    name: 'doorbell_implausible_ages_total',
    help: 'Ages of events below 0 or above 30 days: a clock is wrong.',
    labelNames: ['age'],
    registers,
  });
  return (age) => {
    if (typeof age === 'number') lag.observe(age / 1_000);
    else implausible.inc({ age });
  };
}
