import type { Line } from '../report.ts';
import { runBench } from '../run-bench.ts';
import { measure, openStage, type Result, type Run } from './measure.ts';
import { deployed, handlers } from './variants.ts';

const entries = (event: Run['event'], names = handlers.map(({ name }) => name), more: Partial<Run> = {}) =>
  names.map((bundle) => ({ subject: bundle, run: { bundle, event, ...more } }));

/** `npm run bench -- lambda`: cold starts of the functions, each in a fresh process, run by run in turn. */
await runBench({
  bench: 'lambda',
  runs: 20,
  workloads: {
    handler: entries('rings'),
    poison: entries('poison'),
    'compile-cache': [
      ...entries('rings', ['doorbell', 'undici', 'undici-and-sdk'], { isCached: true }),
      { subject: 'doorbell without', run: { bundle: 'doorbell', event: 'rings' } },
    ],
    functions: entries(
      'none',
      deployed.map(({ name }) => name),
    ),
  },
  standard: ['handler', 'poison', 'compile-cache', 'functions'],
  units: {
    kb: 'KB',
    evaluation_ms: 'ms',
    first_call_ms: 'ms',
    together_ms: 'ms',
    second_call_ms: 'ms',
    cpu_ms: 'ms',
  },
  brief: ({ together_ms, evaluation_ms }: Result) => `${Math.round(together_ms ?? evaluation_ms)} ms`,
  verdict: { title: 'views', of: (runs) => (runs.every(({ wrong }) => wrong === 0) ? 'all right' : 'WRONG') },
  open: openStage,
  measure,
  conclude,
  isWrong: ({ wrong }: Result) => wrong > 0,
});

/** The aim: evaluation and first call together no slower than 0.8 of bundled undici. CPU is what other work on the machine disturbs least. */
function conclude(lines: readonly Line[]): { lines: Line[]; text: string } {
  const of = (workload: string, subject: string, metric: string) =>
    lines.find((line) => line.workload === workload && line.subject === subject && line.metric === metric)?.median;
  const ratios = ['handler', 'poison', 'compile-cache'].flatMap((workload) =>
    ['undici', 'undici-and-sdk'].flatMap((peer) =>
      ['together_ms', 'cpu_ms'].flatMap((metric) => {
        const [ours, theirs] = [of(workload, 'doorbell', metric), of(workload, peer, metric)];
        return ours === undefined || theirs === undefined ? [] : [{ workload, peer, metric, ratio: ours / theirs }];
      }),
    ),
  );
  return {
    lines: ratios.map(({ workload, peer, metric, ratio }) => {
      const value = { median: ratio, min: ratio, max: ratio, unit: '1' };
      return { bench: 'lambda', workload, subject: `doorbell/${peer}`, metric, ...value };
    }),
    text: ratios
      .map(({ workload, peer, metric, ratio }) => `${workload}: ${ratio.toFixed(2)} of ${peer}, ${metric}`)
      .join('\n'),
  };
}
