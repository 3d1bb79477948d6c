import { type Plan, planImport } from './plan.ts';
import { type Fetch, readPresent, sendCommand } from './publisher-client.ts';
import { readCsvFile } from './read-csv.ts';
import { type ImportResult, runPlan } from './run-plan.ts';

export type ImportOptions = {
  fetch: Fetch;
  onPlan?: (plan: Plan) => void;
  onProgress: (done: number, of: number) => void;
  signal: AbortSignal;
  dryRun?: boolean;
};

/** A file's plan and what came of it; `result` is null for a dry run. */
export type FileImport = { plan: Plan; result: ImportResult | null };

/** Turns what is there into what a file says. Throws CsvError if the file can't be read as a whole. */
export async function importFile(path: string, options: ImportOptions): Promise<FileImport> {
  const rows = readCsvFile(path);
  const plan = planImport(rows, await readPresent(options.fetch));
  options.onPlan?.(plan);
  if (options.dryRun) return { plan, result: null };
  const { onProgress, signal } = options;
  const send = (command: Parameters<typeof sendCommand>[1], headers: Record<string, string>) =>
    sendCommand(options.fetch, command, headers);
  return { plan, result: await runPlan(plan, { send, name: path, onProgress, signal }) };
}
