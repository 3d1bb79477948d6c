import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { compareContracts } from '../../../contracts/compare/compare.ts';
import type { Contracts } from '../../../contracts/compare/contracts.ts';
import { type Difference, unallowed } from '../../../contracts/compare/difference.ts';
import { count, paint, terminal } from '../../terminal.ts';
import { documentFiles, pageFiles, REFRESH } from '../documents.ts';
import { contractsNow } from './now.ts';
import { RELEASE, RELEASED, readReleased, writeReleased } from './released.ts';

type Options = { released: string; documents: string; pages: string; json?: boolean };

/** Makes `contracts check`, which fails for breaking changes without a raised version, and for stale documents. */
export function checkCommand(): Command {
  return new Command('check')
    .description('compare agreements, event types and documents with the last release, and list breaking changes')
    .option('--released <folder>', 'the contracts of the last release', RELEASED)
    .option('--documents <folder>', 'the folder of the API documents, which must be up to date', 'docs/api')
    .option('--pages <folder>', 'the folder of the project, whose generated pages must be up to date', '.')
    .option('--json', 'print NDJSON: one line for each difference')
    .action(({ released, documents, pages, json }: Options) => {
      const outdated = [...staleDocuments(documents), ...stalePages(pages)];
      for (const file of outdated)
        terminal.error(`${paint('red', '✖')} ${file} is stale. To write it anew: ${REFRESH}`);
      const last = lastRelease(released);
      const differences = compareContracts(last, contractsNow());
      for (const line of json ? differences.map((each) => JSON.stringify(each)) : groups(differences).map(groupText))
        terminal.line(line);
      const broken = unallowed(differences);
      if (!json) terminal.line(sumText(differences, last));
      if (broken.length > 0) terminal.error(HELP);
      if (broken.length > 0 || outdated.length > 0) process.exitCode = 1;
    });
}

/** Makes `contracts release`, which saves the current contracts as those of the last release. */
export function releaseCommand(): Command {
  return new Command('release')
    .description('save the current contracts as those of the last release; refused while a change breaks')
    .option('--released <folder>', 'the folder of the saved contracts', RELEASED)
    .action(({ released }: Options) => {
      const now = contractsNow();
      const last = readReleased(released);
      const broken = last === null ? [] : unallowed(compareContracts(last, now));
      for (const group of groups(broken)) terminal.line(groupText(group));
      if (broken.length > 0) {
        terminal.error(HELP);
        process.exitCode = 1;
        return;
      }
      writeReleased(released, now.terms, documentFiles());
      terminal.line(`${released} has the contracts of ${now.terms.version} now. Commit it with the release.`);
    });
}

const HELP = `Undo the breaking change, or raise a version. If an agreement is named, raise its version
(contracts/shops/agreements/). Otherwise raise that of Doorbell in package.json and contracts/documents/openapi.ts
(docs/decisions/0022-breaking-change-gate.md).`;

/** Lists the API documents of a folder that differ from the generated ones. */
export function staleDocuments(folder: string): string[] {
  return stale(folder, documentFiles());
}

/** Lists the pages of a project that differ from the generated ones. */
export function stalePages(folder: string): string[] {
  return stale(folder, pageFiles());
}

function stale(folder: string, files: readonly { file: string; text: string }[]): string[] {
  const placed = files.map(({ file, text }) => ({ file: join(folder, file), text }));
  return placed.filter(({ file, text }) => read(file) !== text).map(({ file }) => file);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function lastRelease(folder: string): Contracts {
  const last = readReleased(folder);
  if (last === null) throw new Error(`${folder} has no release to compare with. Make the first: ${RELEASE}`);
  return last;
}

/** Equal changes of one schema in several places, printed as one line. */
type Group = { first: Difference; more: number };

function groups(differences: readonly Difference[]): Group[] {
  const field = ({ where }: Difference) => where.split(/[\s.]/).at(-1);
  const alike = Map.groupBy(differences, (each) =>
    [each.verdict, field(each), each.what, each.who, each.allowedBy].join(' '),
  );
  const sets = [...alike.values()].flatMap((group) => (group[0] ? { first: group[0], more: group.length - 1 } : []));
  return sets.toSorted((a, b) => rank(a.first) - rank(b.first));
}

const rank = ({ verdict, allowedBy }: Difference) => (verdict === 'compatible' ? 2 : allowedBy === null ? 0 : 1);

function groupText({ first: { where, what, verdict, who, why, allowedBy }, more }: Group): string {
  const colour = verdict === 'compatible' ? 'green' : allowedBy === null ? 'red' : 'yellow';
  const places = more > 0 ? ` (and ${count(more)} more places)` : '';
  const allowed = allowedBy === null ? '' : `; allowed by ${allowedBy}`;
  const whom = verdict === 'breaking' ? `  breaks ${who}` : '';
  return `${paint(colour, verdict.padEnd(10))}  ${where} ${what}${places}${whom}: ${why}${allowed}`;
}

function sumText(differences: readonly Difference[], { terms }: Contracts): string {
  const breaking = differences.filter(({ verdict }) => verdict === 'breaking').length;
  const numbers = `${count(differences.length - breaking)} compatible, ${count(breaking)} breaking`;
  return `Since ${terms.version}: ${numbers}, ${count(unallowed(differences).length)} of them without a raised version`;
}
