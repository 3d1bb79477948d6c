import { runBench } from '../run-bench.ts';
import { compareSizes } from './growth.ts';
import { measure } from './measure.ts';
import type { Result } from './protocol.ts';
import { openStage } from './stage.ts';
import { growth, HAND_WRITTEN, standard, workloads } from './workloads.ts';

/** `npm run bench -- publisher`: writing, relaying and looking back, beside a bare update and a peer, run by run in turn. */
await runBench({
  bench: 'publisher',
  workloads,
  standard: Object.keys(standard),
  groups: { growth },
  // 100,000 events through SNS are long enough to be measured once.
  once: new Set(['drain-sns-long']),
  units: {
    throughput: '1/s',
    latency_p50: 'ms',
    latency_p99: 'ms',
    sns_p50: 'ms',
    sns_p99: 'ms',
    commits_per_write: '1',
    backlog: '1',
    cpu_ms_per_1000: 'ms',
    server_cpu_ms_per_1000: 'ms',
    rss_mb: 'MB',
  },
  verdict: { title: 'outcome', of: verdictOf },
  against: (workload) => (workload.startsWith('ring-') ? HAND_WRITTEN : undefined),
  open: openStage,
  measure,
  conclude: compareSizes,
  isWrong: ({ wrong }: Result) => wrong > 0,
});

function verdictOf(runs: readonly Result[]): string {
  const wrong = runs.reduce((sum, run) => sum + run.wrong, 0);
  return wrong === 0 ? 'all right' : `${wrong} WRONG`;
}
