import { clockMs, percentile } from '../../clock.ts';
import { seeded } from '../../shops.ts';
import type { Context, Subject } from '../context.ts';
import { popularShop, priceAt } from '../fill.ts';
import type { Result, Task } from '../protocol.ts';

/** 200 reads before the clock starts. */
const WARM_UP = 200;

/** Reads the popular shop as it was, one read after the other, at versions drawn at random. */
export async function readAsOf(
  { database, shops }: Context,
  { priceAsOf }: Subject,
  { reads }: Task & { kind: 'as-of' },
): Promise<Omit<Result, 'rss_mb'>> {
  if (priceAsOf === undefined) throw new Error('this subject keeps no past');
  const id = popularShop(shops);
  const { rows } = await database.query<{ version: number }>('select version from shop where id = $1', [id]);
  const versions = rows[0]?.version ?? 1;
  const random = seeded(7);
  const took: number[] = [];
  let wrong = 0;
  const read = async () => {
    const version = 1 + Math.floor(random() * versions);
    const start = clockMs();
    const price = await priceAsOf(id, version);
    took.push(clockMs() - start);
    if (price !== priceAt(version)) wrong++;
  };
  for (let n = 0; n < WARM_UP; n++) await read();
  took.length = 0;
  const cpu = process.cpuUsage();
  for (let n = 0; n < reads; n++) await read();
  const { user, system } = process.cpuUsage(cpu);
  return {
    throughput: (reads * 1_000) / took.reduce((sum, ms) => sum + ms, 0),
    latency_p50: percentile(took, 0.5),
    latency_p99: percentile(took, 0.99),
    cpu_ms_per_1000: (user + system) / reads,
    wrong,
  };
}
