import type { SandboxOrder, SandboxReport } from './protocol.ts';

/** A cold start: what it takes to load the bundle, and to answer the first event and the second. */
const { bundle, events } = JSON.parse(process.argv[2] ?? '{}') as SandboxOrder;

type Answer = { batchItemFailures?: unknown[] };
type Handler = (event: unknown, context: { getRemainingTimeInMillis: () => number }) => Promise<Answer>;

const cpuAtStart = process.cpuUsage();
const start = performance.now();
const { handler } = (await import(bundle)) as { handler: Handler };
const evaluation = performance.now() - start;
const calls: number[] = [];
let failed = 0;
let cpu = 0;
for (const event of events) {
  const begin = performance.now();
  const { batchItemFailures = [] } = await handler(event, { getRemainingTimeInMillis: () => 15_000 });
  calls.push(performance.now() - begin);
  failed += batchItemFailures.length;
  if (cpu === 0) cpu = cpuSinceStart();
}
process.send?.(
  { kind: 'measured', evaluation, calls, cpu: cpu || cpuSinceStart(), failed } satisfies SandboxReport,
  () => process.disconnect(),
);

function cpuSinceStart(): number {
  const { user, system } = process.cpuUsage(cpuAtStart);
  return (user + system) / 1_000;
}
