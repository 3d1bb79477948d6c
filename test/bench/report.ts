/** One line of `--json`. */
export type Line = {
  bench: string;
  workload: string;
  subject: string;
  metric: string;
  median: number;
  min: number;
  max: number;
  unit: string;
};

/** What a benchmark calls itself, and the unit of every metric it reports, in the order of the table. */
export type Reporting<Result> = {
  bench: string;
  units: Record<string, string>;
  /** The last column: what a table of figures can't say, such as whether the outcome was right. */
  verdict: { title: string; of: (runs: readonly Result[]) => string };
  /** The subject whose figures are 1 in a workload; without it the table says how many times better Doorbell is. */
  against?: (workload: string) => string | undefined;
};

/** Median and spread of every metric of every subject. */
export function linesOf<Result extends object>(
  { bench, units }: Pick<Reporting<Result>, 'bench' | 'units'>,
  workload: string,
  results: Map<string, Result[]>,
): Line[] {
  return [...results].flatMap(([subject, runs]) =>
    Object.entries(units).flatMap(([metric, unit]) => {
      const values = runs.flatMap((run) => (run as Record<string, number>)[metric] ?? []).toSorted((a, b) => a - b);
      const [median = 0, min = 0, max = 0] = [values[Math.floor(values.length / 2)], values[0], values.at(-1)];
      return values.length === 0 ? [] : { bench, workload, subject, metric, median, min, max, unit };
    }),
  );
}

const digits = (value: number) => (value >= 100 ? Math.round(value).toLocaleString('en-US') : value.toPrecision(3));

/** A table for people: a row a subject, a column a metric, and how Doorbell compares. */
export function tableOf<Result extends object>(
  { units, verdict, against }: Pick<Reporting<Result>, 'units' | 'verdict' | 'against'>,
  workload: string,
  lines: Line[],
  results: Map<string, Result[]>,
): string {
  const metrics = Object.keys(units).filter((metric) => lines.some((line) => line.metric === metric));
  const find = (subject: string, metric: string) =>
    lines.find((line) => line.subject === subject && line.metric === metric);
  const measure = against?.(workload);
  const base = measure ?? 'doorbell';
  const cell = (subject: string, metric: string) => {
    const line = find(subject, metric);
    if (line === undefined) return '-';
    const than = find(base, metric)?.median;
    const isAlone = than === undefined || subject === base || line.median === 0;
    const share =
      measure === undefined
        ? ` (×${((than ?? 0) / line.median).toFixed(2)})`
        : ` (${(line.median / (than ?? 0)).toFixed(2)})`;
    return `${digits(line.median)} [${digits(line.min)}–${digits(line.max)}]${isAlone ? '' : share}`;
  };
  const rows = [...results].map(([subject, runs]) => [
    subject,
    ...metrics.map((metric) => cell(subject, metric)),
    verdict.of(runs),
  ]);
  return aligned([[workload, ...metrics, verdict.title], ...rows]);
}

/** Rows of cells as lines of text, each column as wide as its widest cell. */
export function aligned(rows: readonly string[][]): string {
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((row) => row[n]?.length ?? 0)));
  const line = (row: string[]) => row.map((text, n) => text.padEnd(widths[n] ?? 0)).join('  ');
  return rows.map((row) => line(row).trimEnd()).join('\n');
}
