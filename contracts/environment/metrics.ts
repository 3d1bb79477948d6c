/** A metric by the name that alarms use, and its unit (CloudWatch API, MetricDatum). */
export type Metric = { name: string; unit: 'Seconds' | 'Milliseconds' | 'Count' };

/** CloudWatch namespace of all metrics of the functions. */
export const METRIC_NAMESPACE = 'Doorbell';

/** Age of the oldest event that is not rung, 0 where there is none; per stage. */
export const RELAY_LAG: Metric = { name: 'RelayLag', unit: 'Seconds' };
/** Time from commit to view, a value for each ring whose view was written; per stage and consumer. */
export const RING_TO_VIEW: Metric = { name: 'RingToView', unit: 'Milliseconds' };
/** Rings with an implausible age, below 0 or above 30 days: a clock is wrong; per stage and consumer. */
export const IMPLAUSIBLE_AGES: Metric = { name: 'ImplausibleAges', unit: 'Count' };
/** Messages that the consumer itself put into the dead-letter queue; per stage and consumer. */
export const DEAD_LETTERED: Metric = { name: 'DeadLettered', unit: 'Count' };
/** Faults that need attention: the source away, the store failing, a conflict of versions …; per stage and consumer. */
export const FAULTS: Metric = { name: 'Faults', unit: 'Count' };

/** A metric and its measured values: one number, or up to 100. */
export type Measured = { metric: Metric; value: number | number[] };

/**
 * Formats one line for CloudWatch, which makes metrics of it (Amazon CloudWatch User Guide, "Embedded metric format
 * specification"). `dimensions` are the stage and, where it matters, the consumer; `now` is in milliseconds.
 */
export function metricLine(dimensions: Record<string, string>, measured: readonly Measured[], now: number): string {
  const Metrics = measured.map(({ metric }) => ({ Name: metric.name, Unit: metric.unit }));
  const directive = { Namespace: METRIC_NAMESPACE, Dimensions: [Object.keys(dimensions)], Metrics };
  return JSON.stringify({
    _aws: { Timestamp: now, CloudWatchMetrics: [directive] },
    ...dimensions,
    ...Object.fromEntries(measured.map(({ metric, value }) => [metric.name, value])),
  });
}
