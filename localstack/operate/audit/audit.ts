import type { SourceClient } from '../../../consumers/runtime/source/client.ts';
import { findDrift } from '../../../consumers/runtime/source/drift.ts';
import type { Clock } from '../../../consumers/runtime/system.ts';
import type { Failure } from '../verify/expected.ts';
import type { ViewFinding } from './judge.ts';
import { type RepairDeps, repair } from './repair.ts';
import { idsOf, type Rechecks, type SettleDeps, settle } from './settle.ts';
import { takeStock, type VersionPages } from './stock.ts';

/** Consumer, source and views of an audit. */
export type AuditDeps = Omit<SettleDeps, 'store' | 'source' | 'clock'> & {
  source: Pick<SourceClient<unknown>, 'digests' | 'look'>;
  store: SettleDeps['store'] & VersionPages;
  clock: Pick<Clock, 'now' | 'sleep'>;
  /** Counts the requests to the source so far. */
  requests: () => number;
};

/** Views whose contents are compared, drawn by a seed, and the patience with differences. */
export type AuditOptions = Rechecks & { sample: number; seed: number };

/** The result of a repair, after all findings were compared again. */
export type Repaired = {
  repaired: number;
  /** Findings that were left because their repair would have emptied too many views. */
  withheld: number;
  left: ViewFinding[];
  failures: Failure[];
};

/** The result of an audit. */
export type AuditReport = {
  /** Whole views, or only their versions, where no projection is known. */
  compared: 'contents' | 'versions';
  views: number;
  /** Resources whose versions differed by the digests; most of them may be changes on their way. */
  suspects: number;
  /** Suspects of an older version that show the same as their source: no event since wakes the consumer. */
  asleep: number;
  sampled: number;
  seed: number;
  findings: ViewFinding[];
  failures: Failure[];
  requests: number;
  ms: number;
  /** Null without a repair. */
  repair: Repaired | null;
};

/**
 * Compares digests of source and views, and then the contents of what differs and of a sample. Reports what still
 * differs after the delays. Throws SourceUnavailable or SourceRefused if the source does not answer.
 */
export async function auditConsumer(deps: AuditDeps, options: AuditOptions): Promise<AuditReport> {
  const { consumer, clock, signal } = deps;
  const began = { at: clock.now(), requests: deps.requests() };
  // Where no projection is known, there are no contents to compare.
  const most = consumer === null ? 0 : options.sample;
  const stock = takeStock(deps.store, most, options.seed);
  const drifts = await findDrift({ source: deps.source, store: stock.store, clock }, signal);
  const suspects = new Set(drifts.map(({ id }) => id));
  const sample = stock.sample();
  const drawn = sample.filter((id) => !suspects.has(id));
  const { findings, failures, asleep } = await settle([...suspects, ...drawn], deps, options);
  return {
    ...{ compared: consumer === null ? 'versions' : 'contents', views: stock.views(), suspects: suspects.size },
    ...{ asleep, sampled: sample.length, seed: options.seed, findings, failures },
    ...{ requests: deps.requests() - began.requests, ms: clock.now() - began.at, repair: null },
  };
}

/**
 * Repairs what an audit has found, and compares it again. Requests and time of the repair are added to those of the
 * audit. Throws SourceUnavailable or SourceRefused if the source does not answer.
 */
export async function repairFindings(
  report: AuditReport,
  deps: AuditDeps & RepairDeps,
  options: AuditOptions,
): Promise<AuditReport> {
  const began = { at: deps.clock.now(), requests: deps.requests() };
  const withheld = await repair(report.findings, report.views, deps);
  const { findings: left, failures } = await settle(idsOf(report), deps, options);
  const still = new Set(idsOf({ findings: left, failures }));
  const repaired = report.findings.filter(({ id }) => !still.has(id)).length;
  return {
    ...report,
    requests: report.requests + deps.requests() - began.requests,
    ms: report.ms + deps.clock.now() - began.at,
    repair: { repaired, withheld, left, failures },
  };
}

/** Tells whether nothing differs, or nothing any more, and all could be compared. */
export function isClean({ findings, failures, repair }: AuditReport): boolean {
  const now = repair === null ? { findings, failures } : { findings: repair.left, failures: repair.failures };
  return now.findings.length + now.failures.length === 0;
}
