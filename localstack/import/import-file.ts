import type { Encoding } from './decode.ts';
import { type ImportPlan, planImport } from './plan.ts';
import { type Fetch, readPresent, sendCommand } from './publisher-client.ts';
import { readCsvFile } from './read-csv.ts';
import { type ImportResult, runPlan } from './run-plan.ts';

export type ImportOptions = {
  fetch: Fetch;
  /** How the file is written, where it doesn't say so itself and isn't UTF-8. */
  encoding?: Encoding | null;
  /** Only registers shops that were never there; changes and closes none. */
  onlyMissing?: boolean;
  /** Sees the plan before anything is done; false leaves it at that. */
  onPlan?: (plan: ImportPlan) => boolean | Promise<boolean>;
  onProgress: (done: number, of: number) => void;
  signal: AbortSignal;
};

/** A file's plan and what came of it; `result` is null where it was left at that. */
export type FileImport = { plan: ImportPlan; result: ImportResult | null };

/** Turns what is there into what a file says. Throws CsvError if the file can't be read as a whole. */
export async function importFile(path: string, options: ImportOptions): Promise<FileImport> {
  const rows = readCsvFile(path, options.encoding);
  const whole = planImport(rows, await readPresent(options.fetch));
  const isMissing = ({ kind, version }: ImportPlan['shops'][number]) => kind === 'register' && version === 0;
  const plan = options.onlyMissing ? { ...whole, shops: whole.shops.filter(isMissing) } : whole;
  if ((await options.onPlan?.(plan)) === false) return { plan, result: null };
  const { onProgress, signal } = options;
  const send = (command: Parameters<typeof sendCommand>[1], headers: Record<string, string>) =>
    sendCommand(options.fetch, command, headers);
  return { plan, result: await runPlan(plan, { send, name: path, onProgress, signal }) };
}
