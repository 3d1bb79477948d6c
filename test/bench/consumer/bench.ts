import { parseArgs } from 'node:util';
import { measure, openStage, type Result, type Run } from './measure.ts';
import { linesOf, tableOf } from './report.ts';
import { subjects, workloads } from './workloads.ts';

/** `npm run bench -- consumer`: the consumer beside its peers, run by run in turn. */
const { values } = parseArgs({
  args: process.argv.slice(2),
  options: {
    json: { type: 'boolean', default: false },
    runs: { type: 'string', default: '3' },
    workload: { type: 'string', multiple: true },
    subject: { type: 'string', multiple: true },
  },
});

const names = values.workload ?? ['burst', 'live', 'uniform', 'steady', 'slow-source', 'recovery'];
const progress = (text: string) => void process.stderr.write(text);
/** The runs of a workload that are wanted; says so and ends if there are none. */
function runsOf(name: string) {
  const runs = workloads[name]?.filter(({ subject }) => isWanted(subject));

  if (runs === undefined) refuse(`no workload "${name}"; there are ${Object.keys(workloads).join(', ')}`);
  if (runs.length === 0)
    refuse(`no subject ${values.subject?.join(', ')} in ${name}; there are ${subjects.join(', ')}`);

  return runs;
}

async function runWorkload(name: string): Promise<void> {
  const runs = runsOf(name);
  const results = new Map<string, Result[]>(runs.map(({ subject }) => [subject, []]));
  const rounds = ONCE.has(name) ? 1 : Number(values.runs);
  for (let round = 1; round <= rounds; round++)
    for (const each of runs)
      results.get(each.subject)?.push(await runOnce(`${name} ${round}/${rounds} ${each.subject}`, name, each.run));
  const lines = linesOf(name, results);
  if (values.json) for (const line of lines) process.stdout.write(`${JSON.stringify(line)}\n`);
  else process.stdout.write(`\n${tableOf(name, lines, results)}\n\n`);
}

function refuse(reason: string): never {
  progress(`${reason}\n`);
  process.exit(2);
}

/** Minutes long, and about a yes or no. */
const ONCE = new Set(['recovery', 'soak']);

const isWanted = (subject: string) =>
  values.subject === undefined || values.subject.some((wanted) => subject.startsWith(wanted));

async function runOnce(title: string, workload: string, run: Run): Promise<Result> {
  progress(`${title} … `);
  const samples: number[] = [];
  const result = await measure(stage, run, workload === 'soak' ? (rss) => samples.push(rss) : undefined);
  progress(`${Math.round(result.throughput)}/s\n`);
  // Speed is reported; a view that isn't as its source, or a dead letter, is a failure.
  if ((result.wrong ?? 0) > 0 || result.dead > 0) process.exitCode = 1;
  if (samples.length > 0) progress(`RSS every 2 s, MB: ${samples.map(Math.round).join(' ')}\n`);
  return result;
}

for (const name of names) runsOf(name);
const stage = await openStage();
try {
  for (const name of names) await runWorkload(name);
} finally {
  await stage.stop();
}
