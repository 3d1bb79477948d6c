import type { Encoding } from './decode.ts';
import { type ImportPlan, planImport } from './plan.ts';
import { type Fetch, readPresent, sendCommand } from './publisher-client.ts';
import { readCsvFile } from './read-csv.ts';
import { type ImportResult, runPlan } from './run-plan.ts';

/** Options and callbacks of an import. */
export type ImportOptions = {
  fetch: Fetch;
  /** The encoding of the file, if it has no byte order mark and is not UTF-8. */
  encoding?: Encoding | null;
  /** Only registers shops that never existed; changes and closes none. */
  onlyMissing?: boolean;
  /** Gets the plan before any command is sent. False ends the import. */
  onPlan?: (plan: ImportPlan) => boolean | Promise<boolean>;
  onProgress: (done: number, of: number) => void;
  signal: AbortSignal;
};

/** The plan of an import and its result, which is null if no command was sent. */
export type FileImport = { plan: ImportPlan; result: ImportResult | null };

/** Brings the shops to the state of a file. Throws CsvError if the file can't be read completely. */
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
