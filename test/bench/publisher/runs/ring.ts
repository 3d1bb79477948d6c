import { readFileSync } from 'node:fs';
import type { Database } from '../../../../publisher/postgres/database.ts';
import { clockMs, percentile } from '../../clock.ts';
import { seeded } from '../../shops.ts';
import type { Context, Subject } from '../context.ts';
import { PRODUCTS } from '../products.ts';
import type { Result, Task } from '../protocol.ts';

/** Every client changes prices as fast as it can, of products drawn at random. */
export async function ring(
  { database }: Context,
  { openBell, countEvents }: Subject,
  { clients, warmUp, ms }: Task & { kind: 'ring' },
): Promise<Omit<Result, 'rss_mb'>> {
  if (openBell === undefined) throw new Error('this subject changes no products');
  const change = await openBell(clients);
  const places = Array.from({ length: clients }, (_, client) => ({ client, random: seeded(client + 1) }));

  async function work(until: number): Promise<number[]> {
    const took: number[] = [];
    const loop = async ({ client, random }: (typeof places)[number]) => {
      for (let start = clockMs(); start < until; ) {
        await change(client, 1 + Math.floor(random() * PRODUCTS));
        const now = clockMs();
        took.push(now - start);
        start = now;
      }
    };
    await Promise.all(places.map(loop));
    return took;
  }

  const warm = await work(clockMs() + warmUp);
  const server = await serverCpu(database);
  const cpu = process.cpuUsage();
  const start = clockMs();
  const took = await work(start + ms);
  const seconds = (clockMs() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const serverMs = (await serverCpu(database)) - server;
  const written = warm.length + took.length;
  return {
    throughput: took.length / seconds,
    latency_p50: percentile(took, 0.5),
    latency_p99: percentile(took, 0.99),
    cpu_ms_per_1000: (user + system) / took.length,
    ...(serverMs > 0 && { server_cpu_ms_per_1000: (serverMs / took.length) * 1_000 }),
    wrong: Math.abs((await changesOf(database)) - written) + Math.abs(((await countEvents?.()) ?? written) - written),
  };
}

/** Every product began with a price of 1. */
async function changesOf(database: Database): Promise<number> {
  const { rows } = await database.query<{ changes: number }>('select sum(price - 1)::bigint as changes from product');
  return rows[0]?.changes ?? 0;
}

/** Milliseconds of CPU that the sessions of this database have had; 0 where the system has no such file (Linux has). */
async function serverCpu(database: Database): Promise<number> {
  const { rows } = await database.query<{ pid: number }>(
    'select pid from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
  );
  const times = rows.map(({ pid }) => {
    try {
      return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      return 0;
    }
  });
  return times.reduce((sum, time) => sum + time, 0);
}
