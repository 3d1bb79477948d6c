import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { count, table, terminal } from '../../terminal.ts';
import { type Report, verifyConsumer } from '../verify/verify-consumer.ts';
import { verifyVersions } from '../verify/verify-versions.ts';
import { UnknownConsumer } from './letter-places.ts';
import { exit, interruptible } from './running.ts';
import { type VerifyChoice, type VerifyTarget, verifyTargets } from './verify-targets.ts';
import { readViews } from './views.ts';

type Options = VerifyChoice & { json?: boolean };

/** Makes `doorbell verify`, which compares all views with their source. Exits 1 if one differs or can't be compared. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare every view of every consumer with its source, field by field')
    .option('--consumer <name>', 'only the views of this consumer')
    .option('--agreements <file>', 'the module that exports its agreement, if this repository does not know it')
    .option('--json', 'print one JSON object for each consumer')
    .action(verify);
}

async function verify(options: Options, command: Command): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const reports: ConsumerReport[] = [];
  for (const target of await targetsFor(home, options, command))
    reports.push({ consumer: target.agreement.name, report: await compare(target, interruptible()) });
  if (options.json) printJson(reports);
  else printTable(reports);
  if (reports.some(({ report }) => report.different + report.failed > 0)) process.exitCode = exit.failed;
}

type ConsumerReport = { consumer: string; report: Report };

/** Finds the views to compare. An unknown consumer ends the program with a usage error. */
export async function targetsFor(home: string, options: VerifyChoice, command: Command): Promise<VerifyTarget[]> {
  try {
    return await verifyTargets(home, process.env, options);
  } catch (error) {
    if (error instanceof UnknownConsumer) return command.error(`error: ${error.message}`);
    throw error;
  }
}

/** Compares contents if the projection is known, and versions otherwise. */
async function compare(target: VerifyTarget, signal: AbortSignal): Promise<Report> {
  const { agreement, consumer, sourceUrl, token, views } = target;
  const source = createSourceClient(agreement, { url: sourceUrl, token, clock: systemClock });
  const store = await readViews(views);
  try {
    const pause = () => wait(1_000, undefined, { signal });
    if (consumer !== null) return await verifyConsumer({ consumer, source, store, pause, signal });
    terminal.trouble(
      `${agreement.name}: only versions are compared. An older one may be right, if no event since wakes the consumer. ` +
        'To compare contents, export the consumer (defineConsumer) from --agreements, too.',
    );
    return await verifyVersions({ source, store, clock: systemClock, pause, signal });
  } finally {
    await source.close();
    store.close();
  }
}

function printTable(reports: ConsumerReport[]): void {
  const rows = reports.map(({ consumer, report: { shops, equal, tombstones, different, failed } }) => [
    consumer,
    ...[shops, equal, tombstones, different, failed].map((each) => (each === null ? '-' : count(each))),
  ]);
  terminal.line(table([['CONSUMER', 'SHOPS', 'EQUAL', 'TOMBSTONES', 'DIFFERENT', 'FAILED'], ...rows]));
  for (const { consumer, report } of reports) printRows(consumer, rowsOf(report));
}

/** Rows that are printed. 20 are enough to see what is wrong; `--json` lists all. */
const SHOWN = 20;

function rowsOf({ failures, differences }: Report): string[] {
  return [
    ...failures.map(({ id, reason }) => `${id}  can't be compared: ${inALine(reason)}`),
    ...differences.map(
      ({ id, field, source, view }) =>
        `${id}  ${field}: source ${JSON.stringify(source)}, view ${JSON.stringify(view)}`,
    ),
  ];
}

/** Shortens a reason to 200 characters of one line, without control characters: `project` may throw any text. */
export const inALine = (reason: string) => reason.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 200);

function printRows(consumer: string, rows: readonly string[]): void {
  for (const row of rows.slice(0, SHOWN)) terminal.line(`${consumer}  ${row}`);
  if (rows.length > SHOWN) terminal.line(`${consumer}  and ${count(rows.length - SHOWN)} more: --json lists all`);
}

function printJson(reports: ConsumerReport[]): void {
  for (const { consumer, report } of reports) terminal.line(JSON.stringify({ schemaVersion: 1, consumer, ...report }));
}
