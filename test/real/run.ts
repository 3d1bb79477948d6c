import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { stopCommands } from './commands.ts';
import { Missing, type Part, type PartOutcome, type Shared } from './part.ts';
import { choose } from './parts.ts';
import { createShared } from './shared.ts';
import { type Result, summary } from './table.ts';

const HELP = `npm run test:real -- [--only part,part] [--list]

Runs what needs more than npm, each part against something real, and says at the end what ran against what.
  --only localstack,template   these alone: the names of parts, or of what they run against
  --list                       shows the parts

Exit code 1 if a part failed or could not run here, 2 if a flag is wrong, 130 after Ctrl-C.
`;

/** What can't be installed can't run; whatever else goes wrong is a failure. Either way the other parts run. */
async function outcome({ run }: Part, shared: Shared): Promise<Pick<Result, 'result' | 'note' | 'tests'>> {
  try {
    const { faults, note, ...counted }: PartOutcome = await run(shared);
    const result = faults.length === 0 ? 'passed' : 'failed';
    return { ...counted, result, note: [...faults, note ?? []].flat().join('; ') };
  } catch (error) {
    if (!(error instanceof Missing)) process.stderr.write(`${(error as Error).stack}\n`);
    return { result: error instanceof Missing ? 'could not run' : 'failed', note: (error as Error).message };
  }
}

async function runAll(chosen: readonly Part[], stopped: AbortSignal): Promise<Result[]> {
  const { shared, stop } = createShared();
  const results: Result[] = [];
  try {
    for (const part of chosen) {
      if (stopped.aborted) break;
      process.stdout.write(`\n── ${part.part} on ${part.against}\n`);
      const since = performance.now();
      const ended = await outcome(part, shared);
      results.push({ part: part.part, against: part.against, seconds: (performance.now() - since) / 1_000, ...ended });
    }
  } finally {
    await stop();
  }
  return results;
}

/** What the command line says; a flag or a part that there is not ends the process. */
function told(): { chosen: readonly Part[]; list: boolean; help: boolean } {
  const options = {
    only: { type: 'string', multiple: true, default: [] as string[] },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  } as const;
  try {
    const { only, ...flags } = parseArgs({ options }).values;
    return { ...flags, chosen: choose(only.flatMap((words) => words.split(','))) };
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${HELP}`);
    return process.exit(2);
  }
}

async function main(): Promise<number> {
  const { chosen, ...flags } = told();
  if (flags.help) process.stdout.write(HELP);
  else if (flags.list) for (const { part, against } of chosen) process.stdout.write(`${part.padEnd(12)}${against}\n`);
  if (flags.help || flags.list) return 0;
  const stopping = new AbortController();
  // Kept, so that a second Ctrl-C doesn't leave behind what was started.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      stopping.abort();
      stopCommands();
    });
  const results = await runAll(chosen, stopping.signal);
  process.stdout.write(`\n${summary(results)}`);
  if (stopping.signal.aborted) return 130;
  return results.every(({ result }) => result === 'passed') ? 0 : 1;
}

process.exitCode = await main();
