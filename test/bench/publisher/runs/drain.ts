import type { Context, Subject } from '../context.ts';
import type { Result, Task } from '../protocol.ts';
import { untilNoneWaits } from './until-none-waits.ts';

/** 1,000 events are rung before the clock starts: connections, plans and compiled code, for everybody. */
const WARM_UP = 1_000;

/** A backlog of events is rung, as fast as the relay can. */
export async function drain(
  { sink }: Context,
  { fillBacklog, startRelay, countWaiting }: Subject,
  { events }: Task & { kind: 'drain' },
): Promise<Omit<Result, 'rss_mb'>> {
  if (!fillBacklog || !startRelay || !countWaiting) throw new Error('this subject has no relay');
  await fillBacklog(WARM_UP + events);
  const warm = sink.after(WARM_UP).then((start) => ({ start, cpu: process.cpuUsage() }));
  const done = sink.after(WARM_UP + events);
  startRelay();
  const { start, cpu } = await warm;
  const seconds = ((await done) - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const waiting = await untilNoneWaits(countWaiting);
  const notRung = WARM_UP + events - sink.times().accepted.size;
  return {
    throughput: events / seconds,
    backlog: events,
    cpu_ms_per_1000: (user + system) / events,
    wrong: notRung + waiting,
  };
}
