import { count, paint } from '../../terminal.ts';
import type { Diagnosis } from './diagnose.ts';
import type { Finding, Severity } from './finding.ts';
import type { Deployed, Expected } from './state.ts';

const SIGNS: Record<Severity, string> = { error: '✖', warning: '!', 'not-checked': '?' };
const COLOURS = { error: 'red', warning: 'yellow', 'not-checked': 'dim' } as const;

/** Writes the diagnosis for people: the place, the findings with their remedies, worst first, and the sum. */
export function diagnosisText({ findings, well }: Diagnosis, { caller, flags }: Deployed, { stage }: Expected): string {
  const who = 'value' in caller ? caller.value : 'unknown caller';
  const head = `${paint('bold', `Doorbell doctor · ${stage}`)} · ${flags.replaceAll('--', '')} · ${who}`;
  return [head, ...findings.map(findingText), sumText({ findings, well })].join('\n');
}

function findingText({ severity, check, where, what, remedy }: Finding): string {
  const sign = paint(COLOURS[severity], SIGNS[severity]);
  return `${sign} ${check}  ${paint('bold', where)}  ${what}\n    ${paint('dim', '→')} ${remedy}`;
}

function sumText(diagnosis: Diagnosis): string {
  const { errors, warnings, notChecked, well } = sumOf(diagnosis);
  const sum = `${count(well)} checks passed, ${errors} errors, ${warnings} warnings, ${notChecked} not checked`;
  return errors + warnings === 0 ? `${paint('green', '✔')} ${sum}` : sum;
}

function sumOf({ findings, well }: Diagnosis) {
  const of = (wanted: Severity) => findings.filter(({ severity }) => severity === wanted).length;
  return { well, errors: of('error'), warnings: of('warning'), notChecked: of('not-checked') };
}

/** Writes the diagnosis for programs: NDJSON with one line for each finding, and one for the sum. */
export function diagnosisJson(diagnosis: Diagnosis): string {
  const lines = [
    ...diagnosis.findings.map((finding) => ({ kind: 'finding', ...finding })),
    { kind: 'sum', ...sumOf(diagnosis) },
  ];
  return lines.map((line) => JSON.stringify({ schemaVersion: 1, ...line })).join('\n');
}
