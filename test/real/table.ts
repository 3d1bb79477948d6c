/** How one part ended. */
export type Result = {
  part: string;
  against: string;
  result: 'passed' | 'failed' | 'could not run';
  seconds: number;
  tests?: number;
  note: string;
};

const HEADINGS = ['part', 'against', 'result', 'seconds', 'tests', 'note'];

/** The results as a table, and a sentence that counts them. */
export function summary(results: readonly Result[]): string {
  const passed = results.filter(({ result }) => result === 'passed').length;
  const missing = results.filter(({ result }) => result === 'could not run').length;
  const failed = results.length - passed;
  const inWords = missing === 0 ? '' : ` (${missing} of them could not run here: nothing is known, so it counts)`;
  return `${aligned([HEADINGS, ...results.map(cells)])}\n\n${passed} passed, ${failed} failed${inWords}\n`;
}

function cells({ part, against, result, seconds, tests, note }: Result): string[] {
  // The first line alone: what a process printed before it ended stands above.
  const [line = ''] = note.split('\n');
  return [part, against, result, seconds.toFixed(1), tests === undefined ? '' : String(tests), line];
}

function aligned(rows: readonly string[][]): string {
  const isNumber = (column: number) => column === 3 || column === 4;
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const padded = (cell: string, column: number) =>
    isNumber(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return rows.map((row) => row.map(padded).join('  ').trimEnd()).join('\n');
}
