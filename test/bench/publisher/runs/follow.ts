import { setTimeout as wait } from 'node:timers/promises';
import { clockMs, percentile } from '../../clock.ts';
import type { Context, Subject } from '../context.ts';
import type { Result, Task } from '../protocol.ts';
import { untilNoneWaits } from './until-none-waits.ts';
import { versionsOf } from './write.ts';

/** 10 connections: what the publisher's pool has. 1 s of writes before the clock starts. */
const CLIENTS = 10;
const WARM_UP = 1_000;

/** Writes at a steady pace, whatever becomes of them, and tells how long each event took to the relay and to SNS. */
export async function follow(
  { database, shops, sink }: Context,
  { openWriter, startRelay, countWaiting }: Subject,
  { perSecond, ms }: Task & { kind: 'follow' },
): Promise<Omit<Result, 'rss_mb'>> {
  if (!openWriter || !startRelay || !countWaiting) throw new Error('this subject has no relay');
  const write = await openWriter(CLIENTS);
  const versions = await versionsOf(database, shops);
  const committed = new Map<string, number>();
  startRelay();

  async function writeNext(n: number): Promise<void> {
    const shop = n % shops.length;
    versions[shop] = (versions[shop] ?? 0) + 1;
    committed.set(await write(shop, versions[shop]), clockMs());
  }

  const pace = 1_000 / perSecond;
  const warm = Math.round(WARM_UP / pace);
  const all = warm + Math.round(ms / pace);
  const start = clockMs();
  const writes: Promise<void>[] = [];
  const cpu = process.cpuUsage();
  for (let n = 0; n < all; n++) {
    while (clockMs() < start + n * pace) await wait(Math.max(0, start + n * pace - clockMs()));
    writes.push(writeNext(n));
  }
  await Promise.all(writes);
  const seconds = (clockMs() - start) / 1_000;
  const waiting = await untilNoneWaits(countWaiting);
  const { user, system } = process.cpuUsage(cpu);
  const { reached, accepted } = sink.times();
  const timed = [...committed].slice(warm);
  const toRelay = timed.flatMap(([id, at]) => since(at, reached.get(id)));
  const toSns = timed.flatMap(([id, at]) => since(at, accepted.get(id)));
  return {
    throughput: all / seconds,
    latency_p50: percentile(toRelay, 0.5),
    latency_p99: percentile(toRelay, 0.99),
    sns_p50: percentile(toSns, 0.5),
    sns_p99: percentile(toSns, 0.99),
    cpu_ms_per_1000: (user + system) / all,
    wrong: waiting + all - accepted.size,
  };
}

/** A relay that looks by itself may be there before the writer hears of its own commit: that is no time at all. */
const since = (start: number, end: number | undefined) => (end === undefined ? [] : [Math.max(0, end - start)]);
