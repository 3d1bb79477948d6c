import { runBench } from '../run-bench.ts';
import { measure, openStage, type Result } from './measure.ts';
import { workloads } from './workloads.ts';

/** `npm run bench -- consumer`: the consumer beside its peers, run by run in turn. */
await runBench({
  bench: 'consumer',
  workloads,
  standard: ['burst', 'live', 'uniform', 'steady', 'slow-source', 'recovery'],
  // Minutes long, and about a yes or no.
  once: new Set(['recovery', 'soak']),
  units: {
    throughput: '1/s',
    fetches_per_notification: '1',
    shops_fetched_per_notification: '1',
    sqs_calls_per_notification: '1',
    cpu_ms_per_1000: 'ms',
    rss_mb: 'MB',
    latency_p50: 'ms',
    latency_p99: 'ms',
    recovery_ms: 'ms',
  },
  verdict: { title: 'views', of: verdictOf },
  open: openStage,
  measure,
  isWrong: ({ wrong, dead }) => (wrong ?? 0) > 0 || dead > 0,
});

function verdictOf(runs: readonly Result[]): string {
  if (runs.every((run) => run.wrong === null)) return 'no views';
  const bad = runs.reduce((sum, run) => sum + (run.wrong ?? 0), 0);
  const dead = runs.reduce((sum, run) => sum + run.dead, 0);
  return `${bad === 0 ? 'all right' : `${bad} WRONG`}${dead === 0 ? '' : `, ${dead} dead`}`;
}
