import { BURIED, type Measured, metricLine, RING_TO_VIEW, TROUBLES } from '../../contracts/metrics.ts';
import type { ConsumerEvent, Observe } from '../runtime/events.ts';

/** Counts what a function did until it is asked for a line. */
export type FunctionMetrics = {
  observe: Observe;
  /** The line for CloudWatch about what happened since the last one, or null if nothing did. */
  line: (now: number) => string | null;
};

/** 100: values of one metric in a line (CloudWatch, "Embedded metric format specification"). */
const MOST_VALUES = 100;

/** What is business as usual; everything else is a trouble. */
const USUAL = new Set<ConsumerEvent['kind']>([
  'received',
  'requested',
  'looked',
  'settled',
  'returned',
  'stale',
  'healed',
]);

/** Makes the counters of one consumer's function. */
export function createFunctionMetrics(dimensions: { Stage: string; Consumer: string }): FunctionMetrics {
  let lags: number[] = [];
  let buried = 0;
  let troubles = 0;

  function measured(): Measured[] {
    return [
      ...(lags.length > 0 ? [{ metric: RING_TO_VIEW, value: spread(lags) }] : []),
      ...(buried > 0 ? [{ metric: BURIED, value: buried }] : []),
      ...(troubles > 0 ? [{ metric: TROUBLES, value: troubles }] : []),
    ];
  }

  return {
    observe(event) {
      if (event.kind === 'buried') buried++;
      else if (!USUAL.has(event.kind)) troubles++;
      // What is rung again happened long ago: its age says nothing of us.
      if (event.kind === 'settled' && event.outcome === 'applied' && event.ring.lane === undefined)
        lags.push(...(event.ring.occurredAt === undefined ? [] : [Math.max(0, event.at - event.ring.occurredAt)]));
    },
    line(now) {
      const found = measured();
      [lags, buried, troubles] = [[], 0, 0];
      return found.length === 0 ? null : metricLine(dimensions, found, now);
    },
  };
}

/** All of few values; of many, a hundred from the smallest to the largest. */
function spread(values: number[]): number[] {
  if (values.length <= MOST_VALUES) return values;
  const sorted = values.toSorted((a, b) => a - b);
  const step = (sorted.length - 1) / (MOST_VALUES - 1);
  return Array.from({ length: MOST_VALUES }, (_, n) => sorted[Math.round(n * step)] as number);
}
