import { parseArgs } from 'node:util';
import { type Line, linesOf, type Reporting, tableOf } from './report.ts';

/** What one subject does in one workload. */
export type Entry<Run> = { subject: string; run: Run };

/** A benchmark: its workloads, and how one run of one subject is measured. */
export type Bench<Stage, Run, Result extends object> = Reporting<Result> & {
  /** Starts what all runs share. */
  open: () => Promise<Stage>;
  workloads: Record<string, Entry<Run>[]>;
  /** The workloads that are run if none is asked for. */
  standard: readonly string[];
  /** How often each subject is run if nobody says; 3 where nothing is said here either. */
  runs?: number;
  /** One run in a few characters, for whoever waits; its throughput where nothing is said. */
  brief?: (result: Result) => string;
  /** Names that stand for several workloads. */
  groups?: Record<string, readonly string[]>;
  /** Workloads that are run once, whatever `--runs` says. */
  once?: ReadonlySet<string>;
  measure: (stage: Stage, run: Run) => Promise<Result>;
  /** Speed is reported and never judged; an outcome that is wrong makes the whole benchmark fail. */
  isWrong: (result: Result) => boolean;
  /** More lines, made from those of all workloads, and how they read for people. */
  conclude?: (lines: readonly Line[]) => { lines: Line[]; text: string };
};

type Flags = { json: boolean; runs: number; workloads: string[] | undefined; subjects: string[] | undefined };

const progress = (text: string) => void process.stderr.write(text);
const print = (text: string) => void process.stdout.write(text);

/** Runs a benchmark as the command line says: every subject in turn, round by round. */
export async function runBench<Stage extends { stop: () => Promise<void> }, Run, Result extends object>(
  bench: Bench<Stage, Run, Result>,
): Promise<void> {
  const flags = readFlags(bench.runs ?? 3);
  const wanted = workloadsWanted(bench, flags).map((name) => ({ name, entries: entriesOf(bench, name, flags) }));
  const stage = await bench.open();
  try {
    const lines: Line[] = [];
    for (const { name, entries } of wanted) lines.push(...(await runWorkload(bench, stage, name, entries, flags)));
    const { lines: more = [], text = '' } = bench.conclude?.(lines) ?? {};
    if (flags.json) printJson(more);
    else if (text !== '') print(`\n${text}\n\n`);
  } finally {
    await stage.stop();
  }
}

function readFlags(runs: number): Flags {
  const { values } = parseArgs({
    args: process.argv.slice(2),
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: String(runs) },
      workload: { type: 'string', multiple: true },
      subject: { type: 'string', multiple: true },
    },
  });
  return { json: values.json, runs: Number(values.runs), workloads: values.workload, subjects: values.subject };
}

type Choice = { standard: readonly string[]; groups?: Record<string, readonly string[]> };

function workloadsWanted({ standard, groups = {} }: Choice, { workloads }: Flags): string[] {
  return (workloads ?? [...standard]).flatMap((name) => groups[name] ?? [name]);
}

/** The runs of a workload that are wanted; says so and ends if there are none. */
function entriesOf<Run>(
  { workloads, groups = {} }: Choice & { workloads: Record<string, Entry<Run>[]> },
  name: string,
  { subjects }: Flags,
): Entry<Run>[] {
  const all = workloads[name];
  if (all === undefined)
    return refuse(`no workload "${name}"; there are ${[...Object.keys(workloads), ...Object.keys(groups)].join(', ')}`);
  const wanted = all.filter(
    ({ subject }) => subjects === undefined || subjects.some((each) => subject.startsWith(each)),
  );
  if (wanted.length === 0)
    refuse(`no subject ${subjects?.join(', ')} in ${name}; there are ${all.map(({ subject }) => subject).join(', ')}`);
  return wanted;
}

async function runWorkload<Stage, Run, Result extends object>(
  bench: Bench<Stage, Run, Result>,
  stage: Stage,
  name: string,
  entries: Entry<Run>[],
  { json, runs }: Flags,
): Promise<Line[]> {
  const results = new Map<string, Result[]>(entries.map(({ subject }) => [subject, []]));
  const rounds = bench.once?.has(name) ? 1 : runs;
  for (let round = 1; round <= rounds; round++)
    for (const { subject, run } of entries) {
      progress(`${name} ${round}/${rounds} ${subject} … `);
      const result = await bench.measure(stage, run);
      progress(`${(bench.brief ?? throughputOf)(result)}\n`);
      if (bench.isWrong(result)) process.exitCode = 1;
      results.get(subject)?.push(result);
    }
  const lines = linesOf(bench, name, results);
  if (json) printJson(lines);
  else print(`\n${tableOf(bench, name, lines, results)}\n\n`);
  return lines;
}

function throughputOf(result: object): string {
  return `${Math.round((result as { throughput?: number }).throughput ?? 0)}/s`;
}

function printJson(lines: readonly Line[]): void {
  for (const line of lines) print(`${JSON.stringify(line)}\n`);
}

function refuse(reason: string): never {
  progress(`${reason}\n`);
  process.exit(2);
}
