import type { Consumer } from '../../../consumers/runtime/define-consumer.ts';
import type { Look, SourceClient } from '../../../consumers/runtime/source/client.ts';
import type { ViewRow, ViewStore } from '../../../consumers/runtime/views/view-store.ts';
import { BATCH_LIMIT } from '../../../contracts/wire/source-api.ts';
import { chunksOf } from '../chunks.ts';
import { compareView, type ViewDifference } from './compare.ts';
import { type ExpectedRow, expectedRow, type Failure } from './expected.ts';

/**
 * The result of a comparison of views with their source. `shops` is the sum of `equal`, `different` and `failed`.
 * `tombstones` counts the closed shops among `equal`; null if that is not known.
 */
export type Report = {
  /** Whole views, or only their versions, where no projection is known. */
  compared: 'contents' | 'versions';
  shops: number;
  equal: number;
  tombstones: number | null;
  different: number;
  failed: number;
  differences: ViewDifference[];
  failures: Failure[];
};

/** The report of a comparison of contents, which knows the tombstones. */
export type ContentsReport = Report & { tombstones: number };

/** Consumer, source and views to compare. */
export type VerifyDeps = {
  consumer: Consumer;
  source: Pick<SourceClient<unknown>, 'page' | 'look'>;
  store: Pick<ViewStore<unknown>, 'scan' | 'read'>;
  /** Waits before shops that differ are compared again: a change may be on its way. */
  pause: () => Promise<void>;
  signal: AbortSignal;
};

/** Comparisons of a shop that differs. After 5 the difference is not a change on its way any more. */
const TRIES = 5;
/** Views in one read. */
const PAGE = 500;

/**
 * Compares every view of a consumer with its source. A shop that can't be compared is counted in the report. Throws
 * SourceUnavailable or SourceRefused if the source answers no request at all.
 */
export async function verifyConsumer(deps: VerifyDeps): Promise<ContentsReport> {
  const counts = { shops: 0, equal: 0, tombstones: 0, different: 0, failed: 0 };
  const report: ContentsReport = { compared: 'contents', ...counts, differences: [], failures: [] };
  let unsure: string[] = [];
  for await (const [id, source, view] of merge(sourceRows(deps), viewRows(deps))) {
    report.shops++;
    if (judge(id, source ?? { id, row: undefined }, view).length > 0) unsure.push(id);
    else countEqual(report, view);
  }
  for (let tries = 0; tries < TRIES && unsure.length > 0; tries++) {
    if (tries > 0) await deps.pause();
    report.differences = [];
    report.failures = [];
    unsure = await recheck(unsure, deps, report);
  }
  report.failed = report.failures.length;
  report.different = unsure.length - report.failed;
  return report;
}

/** Lists the differences of a shop; none if its view is as expected. */
function judge(id: string, expected: ExpectedRow, view: ViewRow<unknown> | undefined): (ViewDifference | Failure)[] {
  return 'reason' in expected ? [expected] : compareView(id, expected.row, view);
}

function countEqual(report: ContentsReport, view: ViewRow<unknown> | undefined): void {
  report.equal++;
  if (view?.view === null) report.tombstones++;
}

/** Compares single shops again. Returns those that still differ. */
async function recheck(ids: string[], deps: VerifyDeps, report: ContentsReport): Promise<string[]> {
  const still: string[] = [];
  for (const some of chunksOf(ids, BATCH_LIMIT)) {
    const looks = await deps.source.look(
      some.map((id) => ({ id })),
      deps.signal,
    );
    const views = new Map((await deps.store.read(some)).map((row) => [row.id, row]));
    for (const [place, id] of some.entries()) {
      const wrong = judge(id, expectedRow(deps.consumer, id, looks[place] as Look<unknown>), views.get(id));
      if (wrong.length === 0) countEqual(report, views.get(id));
      else still.push(id);
      for (const each of wrong) {
        if ('reason' in each) report.failures.push(each);
        else report.differences.push(each);
      }
    }
  }
  return still;
}

type Rows<Row> = AsyncGenerator<Row, undefined>;

async function* sourceRows({ consumer, source, signal }: VerifyDeps): Rows<ExpectedRow> {
  let after: string | null = '';
  while (after !== null) {
    const page = await source.page(after, signal);
    for (const { id, look } of page.resources) {
      const shown = expectedRow(consumer, id, look);
      if ('reason' in shown || shown.row !== undefined) yield shown;
    }
    after = page.next;
  }
}

async function* viewRows({ store }: VerifyDeps): Rows<ViewRow<unknown>> {
  let after = '';
  for (;;) {
    const rows = await store.scan(after, PAGE);
    yield* rows;
    const last = rows.at(-1);
    if (last === undefined) return;
    after = last.id;
  }
}

type Pair<Left, Right> = [id: string, left: Left | undefined, right: Right | undefined];
type WithId = { id: string };

/** Merges two streams that are sorted by id, side by side. */
async function* merge<Left extends WithId, Right extends WithId>(
  lefts: Rows<Left>,
  rights: Rows<Right>,
): Rows<Pair<Left, Right>> {
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
