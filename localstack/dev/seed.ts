import { fileURLToPath } from 'node:url';
import type { FileImport } from '../import/import-file.ts';
import { importFile } from '../import/import-file.ts';
import type { System } from '../system.ts';
import { count, progressBar } from '../terminal.ts';
import type { Home } from './home.ts';

const SNAPSHOT = fileURLToPath(new URL('../data/shops-2021-03.csv', import.meta.url));

/**
 * On the first start, registers the shops of 2021 through the command API. A start that was killed in the middle
 * goes on where it was: the import compares first. Null if it was done before.
 */
export async function seed(system: System, home: Home, signal: AbortSignal): Promise<FileImport | null> {
  if (home.isSeeded()) return null;
  const bar = progressBar('registering shops');
  const fetch = (path: string, init?: RequestInit) =>
    system.publisher.fetch(new Request(new URL(path, system.publisherUrl), init));
  const done = await importFile(SNAPSHOT, { fetch, onProgress: bar.show, signal });
  bar.clear();
  if (!signal.aborted && done.result?.failed.length === 0) home.markSeeded();
  return done;
}

/** `5,690 registered, 0 left out, 25 with a remark`. */
export function describeSeed({ plan, result }: FileImport): string {
  const failed =
    result && result.failed.length > 0 ? `, ${count(result.failed.length)} failed: ${result.failed[0]?.reason}` : '';
  const already = plan.unchanged > 0 ? `, ${count(plan.unchanged)} there already` : '';
  const rows = `${count(plan.leftOut.length)} left out, ${count(plan.remarks.length)} with a remark`;
  return `${count(result?.registered ?? 0)} registered${already}, ${rows}${failed}`;
}
