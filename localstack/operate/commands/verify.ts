import { setTimeout as wait } from 'node:timers/promises';
import { Command } from 'commander';
import { parts } from '../../../consumers/all.ts';
import type { Part } from '../../../consumers/part.ts';
import { createSourceClient } from '../../../consumers/runtime/source/client.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { readSqliteViewStore } from '../../../consumers/stores/sqlite/store.ts';
import type { RunInfo, Secrets } from '../../start/home.ts';
import { count, table, terminal } from '../../terminal.ts';
import { type Report, verifyConsumer } from '../verify/verify-consumer.ts';
import { exit, findRunning, interruptible } from './running.ts';

/** Makes `doorbell verify`, which compares all views with their source. Exits 1 if one differs or can't be compared. */
export function verifyCommand(): Command {
  return new Command('verify')
    .description('compare every view of every consumer with its source, field by field')
    .option('--json', 'print one JSON object for each consumer')
    .action(async (options: { json?: boolean }, command: Command) => {
      const { home } = command.optsWithGlobals<{ home: string }>();
      const reports = await verifyAll(findRunning(home), interruptible());
      if (options.json) printJson(reports);
      else printTable(reports);
      if (reports.some(({ report }) => report.different + report.failed > 0)) process.exitCode = exit.failed;
    });
}

type ConsumerReport = { consumer: string; report: Report };

async function verifyAll(running: { run: RunInfo; secrets: Secrets }, signal: AbortSignal): Promise<ConsumerReport[]> {
  const reports: ConsumerReport[] = [];
  for (const part of parts) reports.push(await verifyPart(part, running, signal));
  return reports;
}

async function verifyPart(
  { consumer }: Part,
  { run, secrets }: { run: RunInfo; secrets: Secrets },
  signal: AbortSignal,
) {
  const { name } = consumer.agreement;
  const place = run.consumers[name];
  if (place === undefined) throw new Error(`No consumer ${name} runs. Stop npm start and start it again.`);
  const token = secrets.sourceTokens[name];
  const source = createSourceClient(consumer.agreement, { url: run.publisherUrl, token, clock: systemClock });
  const store = readSqliteViewStore<unknown>(place.views);
  try {
    const pause = () => wait(1_000, undefined, { signal });
    return { consumer: name, report: await verifyConsumer({ consumer, source, store, pause, signal }) };
  } finally {
    await source.close();
    store.close();
  }
}

function printTable(reports: ConsumerReport[]): void {
  const rows = reports.map(({ consumer, report: { shops, equal, tombstones, different, failed } }) => [
    consumer,
    ...[shops, equal, tombstones, different, failed].map(count),
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
const inALine = (reason: string) => reason.replace(/[\p{Cc}\s]+/gu, ' ').slice(0, 200);

function printRows(consumer: string, rows: readonly string[]): void {
  for (const row of rows.slice(0, SHOWN)) terminal.line(`${consumer}  ${row}`);
  if (rows.length > SHOWN) terminal.line(`${consumer}  and ${count(rows.length - SHOWN)} more: --json lists all`);
}

function printJson(reports: ConsumerReport[]): void {
  for (const { consumer, report } of reports) terminal.line(JSON.stringify({ schemaVersion: 1, consumer, ...report }));
}
