import { type Context, openContext, type Subject } from './context.ts';
import type { Result, SubjectConfig, SubjectReport } from './protocol.ts';
import { readAsOf } from './runs/as-of.ts';
import { drain } from './runs/drain.ts';
import { follow } from './runs/follow.ts';
import { ring } from './runs/ring.ts';
import { write } from './runs/write.ts';

/** The process of one run: the subject, what it is to do, and the check of what came out. */
const config = JSON.parse(process.argv[2] ?? '{}') as SubjectConfig;
const { open } = (await import(`./subjects/${config.subject}.ts`)) as { open: (context: Context) => Subject };

async function run(context: Context, subject: Subject): Promise<Omit<Result, 'rss_mb'>> {
  const { task } = config;
  await subject.prepare();
  if (task.kind === 'write') return write(context, subject, task);
  if (task.kind === 'ring') return ring(context, subject, task);
  if (task.kind === 'drain') return drain(context, subject, task);
  if (task.kind === 'follow') return follow(context, subject, task);
  return readAsOf(context, subject, task);
}

const context = await openContext(config);
const subject = open(context);
const result = await run(context, subject);
await subject.stop();
await context.close();
const report: SubjectReport = {
  kind: 'result',
  result: { ...result, rss_mb: process.memoryUsage.rss() / 2 ** 20 },
  rung: context.sink.count(),
};
process.send?.(report, () => process.exit(0));
