import type { Result } from './measure.ts';

/** One line of `--json`. */
export type Line = {
  bench: 'consumer';
  workload: string;
  subject: string;
  metric: string;
  median: number;
  min: number;
  max: number;
  unit: string;
};

const UNITS: Record<string, string> = {
  throughput: '1/s',
  fetches_per_notification: '1',
  shops_fetched_per_notification: '1',
  sqs_calls_per_notification: '1',
  cpu_ms_per_1000: 'ms',
  rss_mb: 'MB',
  latency_p50: 'ms',
  latency_p99: 'ms',
  recovery_ms: 'ms',
};

/** Median and spread of every metric of every subject. */
export function linesOf(workload: string, results: Map<string, Result[]>): Line[] {
  return [...results].flatMap(([subject, runs]) =>
    Object.entries(UNITS).flatMap(([metric, unit]) => {
      const values = runs.flatMap((run) => run[metric as keyof Result] ?? []).toSorted((a, b) => a - b);
      if (values.length === 0) return [];
      const [median, min, max] = [values[Math.floor(values.length / 2)], values[0], values.at(-1)];
      return {
        bench: 'consumer' as const,
        workload,
        subject,
        metric,
        median: median ?? 0,
        min: min ?? 0,
        max: max ?? 0,
        unit,
      };
    }),
  );
}

const digits = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

/** A table for people: a row a subject, a column a metric, and how Doorbell compares. */
export function tableOf(workload: string, lines: Line[], results: Map<string, Result[]>): string {
  const metrics = Object.keys(UNITS).filter((metric) => lines.some((line) => line.metric === metric));
  const find = (subject: string, metric: string) =>
    lines.find((line) => line.subject === subject && line.metric === metric);
  const own = (metric: string) => find('doorbell', metric)?.median;
  const cell = (subject: string, metric: string) => {
    const line = find(subject, metric);
    if (line === undefined) return '-';
    const base = own(metric);
    const ratio =
      base === undefined || subject === 'doorbell' || line.median === 0 ? '' : ` (×${(base / line.median).toFixed(2)})`;
    return `${digits(line.median)} [${digits(line.min)}–${digits(line.max)}]${ratio}`;
  };
  const wrong = (subject: string) => {
    const runs = results.get(subject) ?? [];
    if (runs.every((run) => run.wrong === null)) return 'no views';
    const bad = runs.reduce((sum, run) => sum + (run.wrong ?? 0), 0);
    const dead = runs.reduce((sum, run) => sum + run.dead, 0);
    return `${bad === 0 ? 'all right' : `${bad} WRONG`}${dead === 0 ? '' : `, ${dead} dead`}`;
  };
  const rows = [...results.keys()].map((subject) => [
    subject,
    ...metrics.map((metric) => cell(subject, metric)),
    wrong(subject),
  ]);
  const head = [workload, ...metrics, 'views'];
  const widths = head.map((_, n) => Math.max(...[head, ...rows].map((row) => row[n]?.length ?? 0)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((text, n) => text.padEnd(widths[n] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
