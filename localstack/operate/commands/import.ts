import { Command, InvalidArgumentError } from 'commander';
import { Agent, request } from 'undici';
import { type Encoding, encodingNamed, encodingNames } from '../../import/decode.ts';
import { doubtsAbout } from '../../import/doubts.ts';
import { importFile } from '../../import/import-file.ts';
import type { ImportPlan } from '../../import/plan.ts';
import { PublisherAway } from '../../import/publisher-away.ts';
import { type Fetch, withToken } from '../../import/publisher-client.ts';
import type { ImportResult } from '../../import/run-plan.ts';
import { count, paint, progressBar, seconds, terminal } from '../../terminal.ts';
import { askYesNo } from './ask-person.ts';
import { exit, findRunning, interruptible } from './running.ts';

/** Makes `doorbell import`, which sends the commands that bring the shops to the state of a file. */
export function importCommand(): Command {
  return new Command('import')
    .description('bring the shops to the state of a CSV file, by commands')
    .argument('<file>', 'a snapshot of shops in CSV; docs/data.md describes its columns')
    .option('--dry-run', 'only show what would be changed')
    .option('--encoding <name>', `the encoding of the file, if it is not UTF-8: ${encodingNames}`, readEncoding)
    .option(
      '--most-lost <percent>',
      'ask first if more shops would close, or lose the value of a field',
      readPercent,
      20,
    )
    .option('--yes', 'do not ask for confirmation, however much would be lost')
    .action(async (file: string, options: Options, command: Command) => {
      const { home } = command.optsWithGlobals<{ home: string }>();
      const { run, secrets } = findRunning(home);
      await importInto(withToken(fetchFrom(run.publisherUrl), secrets.operatorToken), file, options);
    });
}

type Options = { dryRun?: boolean; yes?: boolean; encoding?: Encoding; mostLost: number };

/** Reads the name of an encoding, such as `euc-kr` or `CP949`. Throws InvalidArgumentError with the known names. */
function readEncoding(text: string): Encoding {
  const encoding = encodingNamed(text);
  if (encoding === null) throw new InvalidArgumentError(`The encodings are ${encodingNames}.`);
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
  terminal.error(`${why} The changes so far stay. Run the same command again to go on.`);
  process.exitCode =
    error === null ? exit.interrupted : error instanceof PublisherAway ? exit.unreachable : exit.failed;
}

async function shouldGoOn(file: string, plan: ImportPlan, options: Options, signal: AbortSignal): Promise<boolean> {
  printPlan(file, plan);
  const doubts = doubtsAbout(plan, options.mostLost / 100).join('\n');
  if (plan.shops.length === 0) {
    terminal.line('Nothing to do: every shop is as in the file. No command was sent.');
    return false;
  }
  if (options.dryRun) {
    if (doubts !== '') terminal.error(doubts);
    terminal.line('Nothing was changed (--dry-run).');
    return false;
  }
  return doubts === '' || options.yes === true || isSure(doubts, signal);
}

/** Asks for confirmation. Without a terminal the answer is no. */
async function isSure(doubts: string, signal: AbortSignal): Promise<boolean> {
  const { isTTY } = process.stdin;
  if (isTTY && (await askYesNo(`${doubts}\nIs the file complete? Go on?`, signal))) return true;
  terminal.error(isTTY ? 'Nothing was changed.' : `${doubts} If the file is complete, add --yes. Nothing was changed.`);
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
      `${unchanged > 0 ? ` · ${count(unchanged)} were already so` : ''}, ` +
      `of ${count(shops.length)} to do; ${count(commands)} commands in ${seconds(ms)} (${count(rate)}/s)`,
  );
  const events = Object.entries(result.events).toSorted();
  for (const [type, times] of events) terminal.line(`  ${type.padEnd(32)} ${count(times).padStart(7)}`);
}

/** Makes a client of the publisher over HTTP, on connections that stay open. */
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
