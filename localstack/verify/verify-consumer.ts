import type { Consumer } from '../../consumers/runtime/define-consumer.ts';
import type { Look, SourceClient } from '../../consumers/runtime/source-client.ts';
import type { ViewRow, ViewStore } from '../../consumers/runtime/view-store.ts';
import { BATCH_LIMIT } from '../../contracts/source-api.ts';
import { compareRow, type Difference } from './compare.ts';

/** How a consumer's views compare with their source. `tombstones` are those of `equal` whose shop has closed. */
export type Report = { shops: number; equal: number; tombstones: number; different: number; differences: Difference[] };

export type VerifyDeps = {
  consumer: Consumer;
  source: Pick<SourceClient<unknown>, 'page' | 'look'>;
  store: Pick<ViewStore<unknown>, 'scan' | 'read'>;
  /** Waits before shops that differ are compared again: a change may be on its way. */
  pause: () => Promise<void>;
  signal: AbortSignal;
};

/** 5: after that, what still differs is no longer on its way. */
const TRIES = 5;
/** Views in one read. */
const PAGE = 500;

/** Compares every view of a consumer with its source. Throws SourceUnavailable or SourceRefused. */
export async function verifyConsumer(deps: VerifyDeps): Promise<Report> {
  const report: Report = { shops: 0, equal: 0, tombstones: 0, different: 0, differences: [] };
  let unsure: string[] = [];
  for await (const [id, source, view] of merge(sourceRows(deps), viewRows(deps))) {
    report.shops++;
    if (compareRow(id, source, view).length > 0) unsure.push(id);
    else countEqual(report, view);
  }
  for (let tries = 0; tries < TRIES && unsure.length > 0; tries++) {
    if (tries > 0) await deps.pause();
    report.differences = [];
    unsure = await recheck(unsure, deps, report);
  }
  report.different = unsure.length;
  return report;
}

function countEqual(report: Report, view: ViewRow<unknown> | undefined): void {
  report.equal++;
  if (view?.view === null) report.tombstones++;
}

/** Compares single shops anew; gives back those that still differ. */
async function recheck(ids: string[], deps: VerifyDeps, report: Report): Promise<string[]> {
  const still: string[] = [];
  for (let n = 0; n < ids.length; n += BATCH_LIMIT) {
    const some = ids.slice(n, n + BATCH_LIMIT);
    const looks = await deps.source.look(
      some.map((id) => ({ id })),
      deps.signal,
    );
    const views = new Map((await deps.store.read(some)).map((row) => [row.id, row]));
    for (const [place, id] of some.entries()) {
      const differences = compareRow(id, expected(deps.consumer, id, looks[place] as Look<unknown>), views.get(id));
      if (differences.length === 0) countEqual(report, views.get(id));
      else still.push(id);
      report.differences.push(...differences);
    }
  }
  return still;
}

/** What the view should be; undefined where the source has never heard of the shop. */
function expected({ project }: Consumer, id: string, look: Look<unknown>): ViewRow<unknown> | undefined {
  if (look.kind === 'found') return { id, version: look.version, view: asStored(project(look.shop, id)) };
  if (look.kind === 'gone') return { id, version: look.version, view: null };
  if (look.kind === 'refused') throw look.error;
  if (look.kind === 'failed') throw new Error(`shop ${id}: ${look.reason}; the publisher's log says why`);
  return undefined;
}

/** As JSON keeps it: a store knows no undefined. */
const asStored = (view: unknown): unknown => JSON.parse(JSON.stringify(view));

type Rows = AsyncGenerator<ViewRow<unknown>, undefined>;

async function* sourceRows({ consumer, source, signal }: VerifyDeps): Rows {
  let after: string | null = '';
  while (after !== null) {
    const page = await source.page(after, signal);
    for (const { id, look } of page.shops) {
      const row = expected(consumer, id, look);
      if (row !== undefined) yield row;
    }
    after = page.next;
  }
}

async function* viewRows({ store }: VerifyDeps): Rows {
  let after = '';
  for (;;) {
    const rows = await store.scan(after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

type Pair = [id: string, left: ViewRow<unknown> | undefined, right: ViewRow<unknown> | undefined];

/** Two streams in id order as one, side by side. */
async function* merge(lefts: Rows, rights: Rows): AsyncGenerator<Pair, undefined> {
  let left = (await lefts.next()).value;
  let right = (await rights.next()).value;
  while (left !== undefined || right !== undefined) {
    const id = left === undefined || (right !== undefined && right.id < left.id) ? right?.id : left.id;
    yield [id ?? '', left?.id === id ? left : undefined, right?.id === id ? right : undefined];
    [left, right] = [
      left?.id === id ? (await lefts.next()).value : left,
      right?.id === id ? (await rights.next()).value : right,
    ];
  }
}
