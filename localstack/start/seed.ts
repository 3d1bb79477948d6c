import { fileURLToPath } from 'node:url';
import type { FileImport } from '../import/import-file.ts';
import { importFile } from '../import/import-file.ts';
import { type Fetch, withToken } from '../import/publisher-client.ts';
import { count, progressBar } from '../terminal.ts';
import type { Home } from './home.ts';
import type { System } from './system.ts';

const SNAPSHOT = fileURLToPath(new URL('../data/shops-2021-03.csv', import.meta.url));

/**
 * The result of the first import. `before`: it was done earlier. `kept`: the database had shops, and none are
 * imported.
 */
export type Seeded = { kind: 'done'; import: FileImport } | { kind: 'before' } | { kind: 'kept' };

/**
 * Registers the shops of 2021 through the command API on the first start, if there are no shops. An interrupted
 * import goes on at the next start.
 */
export async function seed(system: System, home: Home, signal: AbortSignal): Promise<Seeded> {
  const { state } = home.seeding;
  if (state() === 'done') return { kind: 'before' };
  const fetch = operatorFetch(system, home, signal);
  if (state() === 'never' && !(await isEmpty(fetch))) {
    home.seeding.mark('done');
    return { kind: 'kept' };
  }
  home.seeding.mark('begun');
  const bar = progressBar('registering shops');
  // Shops may have been changed in the meantime, so only missing ones are registered.
  const imported = await importFile(SNAPSHOT, { fetch, onProgress: bar.show, signal, onlyMissing: true });
  bar.clear();
  const { result } = imported;
  if (!signal.aborted && result?.stopped === null && result.failed.length === 0) home.seeding.mark('done');
  return { kind: 'done', import: imported };
}

/** Makes a client of the publisher in this process, without a socket. */
export function operatorFetch({ publisher, publisherUrl }: System, { secrets }: Home, signal?: AbortSignal): Fetch {
  const inProcess: Fetch = (path, init) =>
    publisher.fetch(new Request(new URL(path, publisherUrl), { ...init, ...(signal && { signal }) }));
  return withToken(inProcess, secrets.operatorToken);
}

async function isEmpty(fetch: Fetch): Promise<boolean> {
  const { shops } = (await (await fetch('/shops?limit=1')).json()) as { shops: unknown[] };
  return shops.length === 0;
}

/** Writes `5,690 registered, 0 left out, 25 with a remark`. */
export function describeSeed({ plan, result }: FileImport): string {
  const failed =
    result && result.failed.length > 0 ? `, ${count(result.failed.length)} failed: ${result.failed[0]?.reason}` : '';
  const there = plan.rows - plan.leftOut.length - plan.shops.length;
  const already = there > 0 ? `, ${count(there)} there already` : '';
  const rows = `${count(plan.leftOut.length)} left out, ${count(plan.remarks.length)} with a remark`;
  return `${count(result?.registered ?? 0)} registered${already}, ${rows}${failed}`;
}
