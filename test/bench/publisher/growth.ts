import { aligned, type Line } from '../report.ts';

/** How many events are stored: the figures at the larger sizes are compared with those at the first. */
export const SIZES = [10_000, 100_000, 1_000_000] as const;

/** The name of a workload on a database of a size. */
export const atSize = (workload: string, size: number): string => `${workload}@${size}`;

/** What is compared; for a throughput less is worse, for all others more. */
const COMPARED = ['throughput', 'latency_p50', 'latency_p99', 'sns_p50', 'sns_p99'];

/** How many times worse each figure is than on the smallest database: a line each, and a table for people. */
export function compareSizes(lines: readonly Line[]): { lines: Line[]; text: string } {
  const grown = lines.flatMap((line) => {
    const [name = '', size] = line.workload.split('@');
    const first = lines.find((each) => isSame(each, line) && each.workload === atSize(name, SIZES[0]));
    if (Number(size) === SIZES[0] || first === undefined || !COMPARED.includes(line.metric)) return [];
    return { line, first, worse: timesWorse(line, first) };
  });
  const rows = grown.map(({ line, first, worse }) => [
    line.workload,
    line.metric,
    `${first.median.toPrecision(4)} → ${line.median.toPrecision(4)} ${line.unit}`,
    `×${worse.toFixed(2)}`,
  ]);
  return {
    lines: grown.map(({ line, worse }) => ({
      ...line,
      ...{ metric: `${line.metric}_worse`, median: worse, min: worse, max: worse, unit: '1' },
    })),
    text: rows.length === 0 ? '' : aligned([['growth', 'figure', `from ${SIZES[0]} events`, 'worse'], ...rows]),
  };
}

const isSame = (a: Line, b: Line) => a.subject === b.subject && a.metric === b.metric;

const timesWorse = ({ metric, median }: Line, first: Line) =>
  metric === 'throughput' ? first.median / median : median / first.median;
