import { count, seconds, table } from '../../terminal.ts';
import type { AuditReport } from '../audit/audit.ts';
import { countsOf, type Kind, kinds, type ViewFinding } from '../audit/judge.ts';
import type { Failure } from '../verify/expected.ts';
import { inALine } from './verify.ts';

/** The audit of one consumer. */
export type ConsumerAudit = { consumer: string; report: AuditReport };

/** Rows that are printed. 20 are enough to see what is wrong; `--json` lists all. */
const SHOWN = 20;

/** What to do about a kind of difference. */
const remedies: Record<Kind, string> = {
  older: '--repair looks at them; if there are many, ask doctor about topic and queue',
  missing: '--repair looks at them; if there are many, ask doctor about topic and queue',
  ghost: '--repair makes tombstones of them; was the source restored from an older copy?',
  above:
    'no write goes backwards, so --repair leaves them. If the source is right, as after a restore: stop the consumer, ' +
    'remove its views and start it: it fills them anew',
  content: "--repair writes them again at their version; if the source's rows were wrong, run rebuild --check first",
};

/** Writes a row for each consumer. With a repair the kinds are those that it found. */
export function auditText(audits: readonly ConsumerAudit[]): string {
  const rows = audits.map(({ consumer, report }) => [
    ...[consumer, report.views, report.suspects, report.sampled].map(cell),
    ...kinds.map((kind) => cell(countsOf(report.findings)[kind])),
    ...[report.failures.length, report.repair?.repaired ?? '-', report.requests].map(cell),
    seconds(report.ms),
  ]);
  const names = kinds.map((kind) => kind.toUpperCase());
  const head = ['CONSUMER', 'VIEWS', 'SUSPECTS', 'SAMPLED', ...names, 'FAILED', 'REPAIRED', 'REQUESTS', 'TIME'];
  return table([head, ...rows]);
}

const cell = (value: string | number): string => (typeof value === 'number' ? count(value) : value);

/** Writes what differs, what to do about it, and how sure the sample is. */
export function findingTexts(audits: readonly ConsumerAudit[]): string[] {
  return audits.flatMap(({ consumer, report }) => textsOf(report).map((text) => `${consumer}  ${text}`));
}

function textsOf(report: AuditReport): string[] {
  const { repair } = report;
  const { findings, failures } = repair === null ? report : { findings: repair.left, failures: repair.failures };
  const rows = [...failures.map(failureText), ...findings.map(findingText)];
  const more = rows.length > SHOWN ? [`and ${count(rows.length - SHOWN)} more: --json lists all`] : [];
  const found = kinds.filter((kind) => countsOf(findings)[kind] > 0);
  return [
    ...rows.slice(0, SHOWN),
    ...more,
    ...found.map((kind) => `${kind}: ${remedies[kind]}`),
    ...withheldText(report),
    ...sampleText(report),
  ];
}

const failureText = ({ id, reason }: Failure) => `${id}  can't be compared: ${inALine(reason)}`;

function findingText({ id, kind, source, view, differences: [first] }: ViewFinding): string {
  const where = first === undefined ? '' : `, ${first.field}: source ${short(first.source)}, view ${short(first.view)}`;
  return `${id}  ${kind}: source ${versionText(source)}, view ${versionText(view)}${where}`;
}

const versionText = (version: number | null) => (version === null ? 'none' : `version ${version}`);

const short = (value: unknown) => inALine(JSON.stringify(value) ?? 'none');

function withheldText({ repair }: AuditReport): string[] {
  if (repair === null || repair.withheld === 0) return [];
  return [
    `${count(repair.withheld)} views were not emptied: more than a tenth of all would have been. ` +
      'Does the source answer wrongly? See whether it shows them',
  ];
}

/** By the rule of three: where none of n differs, fewer than 3/n of all do, with 95 % certainty. */
function sampleText({ sampled, views, seed, findings }: AuditReport): string[] {
  if (sampled === 0) return [];
  const drawn = `contents of ${count(sampled)} of ${count(views)} views compared (--seed ${seed})`;
  if (sampled === views || findings.some(({ kind }) => kind === 'content')) return [drawn];
  return [`${drawn}: with 95 % certainty fewer than ${((3 / sampled) * 100).toPrecision(2)} % of all are damaged`];
}
