import { Command, InvalidArgumentError } from 'commander';
import { Agent, request } from 'undici';
import { type Encoding, encodingNamed, encodingNames } from '../../import/decode.ts';
import { doubtsAbout } from '../../import/doubts.ts';
import { importFile } from '../../import/import-file.ts';
import type { ImportPlan } from '../../import/plan.ts';
import { type Fetch, PublisherAway, withToken } from '../../import/publisher-client.ts';
import type { ImportResult } from '../../import/run-plan.ts';
import { count, paint, progressBar, seconds, terminal } from '../../terminal.ts';
import { askYesNo } from './ask-person.ts';
import { exit, findRunning, interruptible } from './running.ts';

/** `doorbell import`: issues the commands that turn what is there into what a file says. */
export function importCommand(): Command {
  return new Command('import')
    .description('turn the shops that are there into those of a CSV file, by commands')
    .argument('<file>', 'a snapshot of shops; docs/data.md says what is read how')
    .option('--dry-run', 'only say what would be done')
    .option('--encoding <name>', `how the file is written, if not in UTF-8: ${encodingNames}`, readEncoding)
    .option(
      '--most-lost <percent>',
      'ask where more shops would close unreplaced, or lose what is known',
      readPercent,
      20,
    )
    .option('--yes', 'do not ask, whatever is lost')
    .action(async (file: string, options: Options, command: Command) => {
      const { home } = command.optsWithGlobals<{ home: string }>();
      const { run, secrets } = findRunning(home);
      await importInto(withToken(fetchFrom(run.publisherUrl), secrets.operatorToken), file, options);
    });
}

type Options = { dryRun?: boolean; yes?: boolean; encoding?: Encoding; mostLost: number };

/** `euc-kr`, `CP949`. Throws InvalidArgumentError naming the encodings there are. */
function readEncoding(text: string): Encoding {
  const encoding = encodingNamed(text);
  if (encoding === null) throw new InvalidArgumentError(`There are ${encodingNames}.`);
  return encoding;
}

function readPercent(text: string): number {
  const percent = Number(text);
  if (/^\d+(\.\d+)?$/.test(text) && percent <= 100) return percent;
  throw new InvalidArgumentError('Give a number from 0 to 100.');
}

async function importInto(fetch: Fetch, file: string, options: Options): Promise<void> {
  const signal = interruptible();
  const bar = progressBar('importing');
  const start = performance.now();
  const { plan, result } = await importFile(file, {
    fetch,
    encoding: options.encoding ?? null,
    onPlan: (plan) => shouldGoOn(file, plan, options, signal),
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

async function shouldGoOn(file: string, plan: ImportPlan, options: Options, signal: AbortSignal): Promise<boolean> {
  printPlan(file, plan);
  const doubts = doubtsAbout(plan, options.mostLost / 100).join('\n');
  if (plan.shops.length === 0) {
    terminal.line('Nothing to do: every shop is as the file says. No command was sent.');
    return false;
  }
  if (options.dryRun) {
    if (doubts !== '') terminal.error(doubts);
    terminal.line('Nothing was done (--dry-run).');
    return false;
  }
  return doubts === '' || options.yes === true || isSure(doubts, signal);
}

/** Asks a person; where nobody can be asked, the answer is no. */
async function isSure(doubts: string, signal: AbortSignal): Promise<boolean> {
  const { isTTY } = process.stdin;
  if (isTTY && (await askYesNo(`${doubts}\nIs the file complete? Go on?`, signal))) return true;
  terminal.error(isTTY ? 'Nothing was done.' : `${doubts} If the file is whole, say --yes. Nothing was done.`);
  process.exitCode = exit.failed;
  return false;
}

function printPlan(file: string, { rows, shops, unchanged, leftOut, remarks }: ImportPlan): void {
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

function printResult({ shops }: ImportPlan, result: ImportResult, ms: number): void {
  const { registered, changed, unchanged, closed, commands, failed } = result;
  for (const { id, command, reason } of failed)
    terminal.error(`${paint('red', '✖')} ${id}  ${command.method} ${command.path}  ${reason}`);
  const rate = Math.round(commands / (ms / 1000));
  terminal.line(
    `${count(registered)} registered · ${count(changed)} changed · ${count(closed)} closed · ${count(failed.length)} failed` +
      `${unchanged > 0 ? ` · ${count(unchanged)} were so already` : ''}, ` +
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
