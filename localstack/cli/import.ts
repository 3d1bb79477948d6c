import { Command } from 'commander';
import { Agent, request } from 'undici';
import { importFile } from '../import/import-file.ts';
import type { Plan } from '../import/plan.ts';
import { type Fetch, PublisherAway, withToken } from '../import/publisher-client.ts';
import type { ImportResult } from '../import/run-plan.ts';
import { count, paint, progressBar, seconds, terminal } from '../terminal.ts';
import { exit, findRunning, interruptible } from './running.ts';

/** `doorbell import`: issues the commands that turn what is there into what a file says. */
export function importCommand(): Command {
  return new Command('import')
    .description('turn the shops that are there into those of a CSV file, by commands')
    .argument('<file>', 'a snapshot of shops; docs/data.md says what is read how')
    .option('--dry-run', 'only say what would be done')
    .option('--yes', 'also close more than three quarters of the living shops')
    .action(async (file: string, options: Options, command: Command) => {
      const { home } = command.optsWithGlobals<{ home: string }>();
      const { run, secrets } = findRunning(home);
      await importInto(withToken(fetchFrom(run.publisherUrl), secrets.operatorToken), file, options);
    });
}

type Options = { dryRun?: boolean; yes?: boolean };

async function importInto(fetch: Fetch, file: string, options: Options): Promise<void> {
  const signal = interruptible();
  const bar = progressBar('importing');
  const start = performance.now();
  const { plan, result } = await importFile(file, {
    fetch,
    onPlan: (plan) => shouldGoOn(file, plan, options),
    onProgress: bar.show,
    signal,
  });
  bar.clear();
  if (result === null) return;
  printResult(plan, result, performance.now() - start);
  if (result.failed.length > 0) process.exitCode = exit.failed;
  if (signal.aborted || result.stopped !== null) stoppedEarly(result.stopped);
}

function stoppedEarly(error: Error | null): void {
  const why = error === null ? 'Stopped before the end.' : `Stopped before the end: ${error.message}.`;
  terminal.error(`${why} What was done stays done; the same command goes on from here.`);
  process.exitCode =
    error === null ? exit.interrupted : error instanceof PublisherAway ? exit.unreachable : exit.failed;
}

/** A file that is cut off between two rows looks whole; what it lacks would be closed. */
const CLOSED_UNASKED = 3 / 4;

function shouldGoOn(file: string, plan: Plan, { dryRun, yes }: Options): boolean {
  printPlan(file, plan);
  if (dryRun) terminal.line('Nothing was done (--dry-run).');
  if (dryRun) return false;
  const closing = plan.shops.filter(({ kind }) => kind === 'close').length;
  if (yes || closing <= plan.living * CLOSED_UNASKED) return true;
  terminal.error(
    `This would close ${count(closing)} of ${count(plan.living)} living shops. If the file is whole, say --yes. Nothing was done.`,
  );
  process.exitCode = exit.failed;
  return false;
}

function printPlan(file: string, { rows, shops, unchanged, leftOut, remarks }: Plan): void {
  const by = (kind: string) => count(shops.filter((shop) => shop.kind === kind).length);
  for (const { line, id, text } of leftOut) terminal.line(`line ${line}  ${id || '(no id)'}  left out: ${text}`);
  for (const { line, id, text } of remarks) terminal.line(`line ${line}  ${id}  ${text}`);
  terminal.line(
    `${file}: ${count(rows)} rows = ${count(rows - leftOut.length)} shops + ${count(leftOut.length)} left out`,
  );
  terminal.line(
    `${count(rows - leftOut.length)} shops = ${by('register')} to register + ${by('change')} to change + ` +
      `${count(unchanged)} as they are; ${by('close')} more to close`,
  );
}

function printResult({ shops }: Plan, result: ImportResult, ms: number): void {
  const { registered, changed, closed, commands, failed } = result;
  for (const { id, command, reason } of failed)
    terminal.error(`${paint('red', '✖')} ${id}  ${command.method} ${command.path}  ${reason}`);
  const rate = Math.round(commands / (ms / 1000));
  terminal.line(
    `${count(registered)} registered · ${count(changed)} changed · ${count(closed)} closed · ${count(failed.length)} failed, ` +
      `of ${count(shops.length)} to do; ${count(commands)} commands in ${seconds(ms)} (${count(rate)}/s)`,
  );
  const events = Object.entries(result.events).toSorted();
  for (const [type, times] of events) terminal.line(`  ${type.padEnd(32)} ${count(times).padStart(7)}`);
}

/** Over HTTP, on connections that stay open. */
function fetchFrom(url: string): Fetch {
  const dispatcher = new Agent({ connections: 64, headersTimeout: 30_000, bodyTimeout: 30_000 });
  return async (path, { method = 'GET', headers = {}, body } = { method: 'GET', headers: {} }) => {
    const answer = await request(new URL(path, url), {
      dispatcher,
      method: method as 'GET',
      headers,
      ...(body !== undefined && { body }),
    });
    const type = String(answer.headers['content-type'] ?? '');
    return new Response(await answer.body.text(), { status: answer.statusCode, headers: { 'content-type': type } });
  };
}
