/** Milliseconds of the machine's clock, with fractions: the same in every process. */
export const clockMs = (): number => performance.timeOrigin + performance.now();

/** The value that a share of all values is below: 0.99 for the 99th percentile. 0 where there are none. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
