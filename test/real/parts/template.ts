import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Template, templateOf } from '../../../localstack/infrastructure/template/template.ts';
import { TEMPLATE_FILE, templateText } from '../../../localstack/infrastructure/template/text.ts';
import { where } from '../../support/template.ts';
import { ends } from '../commands.ts';
import type { Part, PartOutcome } from '../part.ts';
import { pythonEnvironment } from '../python.ts';

/** The template, by the two scanners that others use for it. */
export const templateParts: Part[] = [
  { part: 'template', against: 'cfn-lint 1.58.0', run: () => inFolder(lint) },
  { part: 'template', against: 'checkov 3.3.30', run: () => inFolder(scan) },
];

const environment = () => pythonEnvironment(['3.13', '3.12'], 'test/real/template-requirements.txt');

async function inFolder(run: (folder: string) => Promise<PartOutcome>): Promise<PartOutcome> {
  const folder = mkdtempSync(join(tmpdir(), 'doorbell-template-'));
  try {
    return await run(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Whatever cfn-lint says is a fault, also what it says for information only; of the file, of parts alone, and of what SAM makes of it. */
async function lint(folder: string): Promise<PartOutcome> {
  const bin = environment();
  const texts = {
    'messaging.yaml': templateText(templateOf({ parts: ['messaging'] })),
    'tables.yaml': templateText(templateOf({ parts: ['tables'] })),
    'sam.json': expanded(bin, templateOf()),
  };
  const files = [TEMPLATE_FILE, ...written(folder, texts)];
  return { faults: await ends(join(bin, 'cfn-lint'), ['--include-checks', 'I', '-t', ...files]) };
}

function written(folder: string, texts: Record<string, string>): string[] {
  return Object.entries(texts).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
}

/** The rules that docs/decisions/0026-deployed-settings.md names, for what the template has. */
const RULES = [
  ...[7, 26, 27, 28, 33, 45, 60, 61, 62, 63, 66, 95, 107, 108, 109, 110, 111],
  ...[115, 116, 117, 119, 158, 173, 363, 364],
].map((number) => `CKV_AWS_${number}`);

type Check = { check_id: string; check_name: string; resource: string };
type Report = {
  results: { passed_checks: Check[]; failed_checks: Check[]; skipped_checks: Check[]; parsing_errors: string[] };
};

/**
 * The file as it is, and what it becomes: checkov passes over a policy that has conditions in it, so all are settled
 * both ways; and over what AWS adds for SAM, so that is added.
 */
async function scan(folder: string): Promise<PartOutcome> {
  const bin = environment();
  const all = where(true, templateOf());
  const texts = {
    'all.yaml': templateText(all),
    'none.yaml': templateText(where(false, templateOf())),
    'sam.json': expanded(bin, all),
  };
  return outcomeOf(await report(bin, [TEMPLATE_FILE, ...written(folder, texts)]));
}

function expanded(bin: string, template: Template): string {
  return execFileSync(join(bin, 'python'), ['test/real/expand-sam.py'], { input: JSON.stringify(template) }).toString();
}

/** Ends with 1 where a rule failed, and says so on stdout all the same. */
function report(bin: string, files: readonly string[]): Promise<Report> {
  // Without --skip-download it asks a server of its maker for texts.
  const flags = ['--framework', 'cloudformation', '--skip-download', '--output', 'json', '-f', ...files];
  return new Promise((resolve, reject) => {
    execFile(join(bin, 'checkov'), flags, { maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      if (stdout.trim().startsWith('{')) resolve(JSON.parse(stdout) as Report);
      else reject(error ?? new Error(`checkov said nothing: ${stderr.slice(-500)}`));
    });
  });
}

function outcomeOf({ results }: Report): PartOutcome {
  const failed = results.failed_checks.map((each) => `${each.check_id} at ${each.resource}: ${each.check_name}`);
  const seen = new Set([...results.passed_checks, ...results.skipped_checks].map(({ check_id }) => check_id));
  const unread = results.parsing_errors.map((file) => `checkov can't read ${file}`);
  const unseen = RULES.filter((rule) => !seen.has(rule)).map((rule) => `${rule} looked at nothing`);
  for (const fault of failed) process.stdout.write(`${fault}\n`);
  const note = `${results.passed_checks.length} checks passed, ${results.skipped_checks.length} excepted`;
  return { faults: [...new Set(failed), ...unread, ...unseen], note };
}
