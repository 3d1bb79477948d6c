import {
  DEAD_LETTERED,
  FAULTS,
  IMPLAUSIBLE_AGES,
  type Measured,
  metricLine,
  RING_TO_VIEW,
} from '../../contracts/environment/metrics.ts';
import { ageOf } from '../../contracts/wire/age.ts';
import type { ConsumerEvent, Observe } from '../runtime/queue/events.ts';

/** Counts the work of a function between two lines of metrics. */
export type FunctionMetrics = {
  observe: Observe;
  /** Makes the line for CloudWatch about the time since the last one, or null if nothing happened. */
  line: (now: number) => string | null;
};

/** 100: values of one metric in a line (CloudWatch, "Embedded metric format specification"). */
const MOST_VALUES = 100;

/** Usual events. Every other event is a fault. */
const USUAL = new Set<ConsumerEvent['kind']>([
  'received',
  'requested',
  'looked',
  'settled',
  'returned',
  'stale',
  'healed',
]);

/** Makes the metrics of one consumer's function. */
export function createFunctionMetrics(dimensions: { Stage: string; Consumer: string }): FunctionMetrics {
  let lags: number[] = [];
  let implausible = 0;
  let buried = 0;
  let troubles = 0;

  function measure(occurredAt: number | undefined, at: number): void {
    if (occurredAt === undefined) return;
    const age = ageOf(occurredAt, at);
    if (typeof age === 'number') lags.push(age);
    else implausible++;
  }

  function measured(): Measured[] {
    return [
      ...(lags.length > 0 ? [{ metric: RING_TO_VIEW, value: spread(lags) }] : []),
      ...(implausible > 0 ? [{ metric: IMPLAUSIBLE_AGES, value: implausible }] : []),
      ...(buried > 0 ? [{ metric: DEAD_LETTERED, value: buried }] : []),
      ...(troubles > 0 ? [{ metric: FAULTS, value: troubles }] : []),
    ];
  }

  return {
    observe(event) {
      if (event.kind === 'buried') buried++;
      else if (!USUAL.has(event.kind)) troubles++;
      // A replayed ring is of an old event: its age says nothing about this consumer.
      if (event.kind === 'settled' && event.outcome === 'applied' && event.ring.lane === undefined)
        measure(event.ring.occurredAt, event.at);
    },
    line(now) {
      const found = measured();
      [lags, implausible, buried, troubles] = [[], 0, 0, 0];
      return found.length === 0 ? null : metricLine(dimensions, found, now);
    },
  };
}

/** Returns all of a few values; of many, a hundred from the smallest to the largest. */
function spread(values: number[]): number[] {
  if (values.length <= MOST_VALUES) return values;
  const sorted = values.toSorted((a, b) => a - b);
  const step = (sorted.length - 1) / (MOST_VALUES - 1);
  return Array.from({ length: MOST_VALUES }, (_, n) => sorted[Math.round(n * step)] as number);
}
