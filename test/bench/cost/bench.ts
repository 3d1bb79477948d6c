/** `npm run bench -- cost`: counts what changes make of calls, and what a million of them cost; with `--functions` Lambda's part. */
import { parseArgs } from 'node:util';
import { nothing, prices as priceChanges, registerAll, threeYears } from './changes.ts';
import { runFunctions } from './functions.ts';
import { prices, type Usage } from './prices.ts';
import { jsonOf, type Result, textOf } from './report.ts';
import { startCountedSystem } from './system.ts';

/** What is changed, on which system; the window is milliseconds. `note` is for people. */
const workloads = {
  idle: { note: 'nothing changes for a minute', window: 0, changes: nothing },
  'three-years': { note: 'the shops of 2021 become those of 2024, as fast as it goes', window: 0, changes: threeYears },
  'zipf-10': { note: '10 price changes a second', window: 0, changes: priceChanges(10, 30, 'zipf') },
  'zipf-100': { note: '100 a second', window: 0, changes: priceChanges(100, 20, 'zipf') },
  'zipf-100-window': { note: '100 a second, a window of 25 ms', window: 25, changes: priceChanges(100, 20, 'zipf') },
  'uniform-100-window': {
    note: '100 a second, every shop as likely, 25 ms',
    window: 25,
    changes: priceChanges(100, 20, 'uniform'),
  },
  'zipf-1000': { note: '1,000 a second', window: 0, changes: priceChanges(1_000, 15, 'zipf') },
  'zipf-1000-window': {
    note: '1,000 a second, a window of 25 ms',
    window: 25,
    changes: priceChanges(1_000, 15, 'zipf'),
  },
} as const;

type Name = keyof typeof workloads;

const { values: flags } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    functions: { type: 'boolean', default: false },
    workload: { type: 'string', multiple: true, default: Object.keys(workloads) },
    dynamodb: { type: 'string' },
    count: { type: 'string', multiple: true, default: [] },
  },
});

/** Counted elsewhere, for a million changes: `--count invocation=120000`. */
const elsewhere: Usage = Object.fromEntries(
  flags.count.map((each) => {
    const [item = '', number = ''] = each.split('=');
    if (!(item in prices) || !(Number(number) >= 0))
      refuse(`--count ${each}: one of ${Object.keys(prices).join(', ')}`);
    return [item, Number(number)];
  }),
);

function refuse(reason: string): never {
  process.stderr.write(`${reason}\n`);
  process.exit(2);
}

async function run(workload: Name): Promise<Result> {
  const { note, window, changes } = workloads[workload];
  process.stderr.write(`${workload} … `);
  const system = await startCountedSystem({ window, dynamodb: flags.dynamodb });
  try {
    await registerAll(system.fetch);
    await system.settled();
    system.take();
    const start = performance.now();
    const made = await changes(system.fetch);
    await system.settled();
    const seconds = (performance.now() - start) / 1_000;
    process.stderr.write(`${made} changes in ${seconds.toFixed(1)} s\n`);
    return { workload, note, changes: made, seconds, counted: system.take() };
  } finally {
    await system.stop();
  }
}

if (flags.functions) {
  process.stdout.write(`${await runFunctions(flags.json)}\n`);
  process.exit(0);
}
for (const name of flags.workload) if (!(name in workloads)) refuse(`no ${name}; ${Object.keys(workloads).join(', ')}`);
for (const name of flags.workload as Name[]) {
  const result = await run(name);
  process.stdout.write(
    flags.json ? `${JSON.stringify(jsonOf(result, elsewhere))}\n` : `\n${textOf(result, elsewhere)}\n`,
  );
}
