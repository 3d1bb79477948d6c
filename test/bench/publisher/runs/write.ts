import type { Database } from '../../../../publisher/postgres/database.ts';
import { clockMs, percentile } from '../../clock.ts';
import type { Context, Subject, Write } from '../context.ts';
import type { Result, Task } from '../protocol.ts';

/** Every client writes as fast as it can; each has shops of its own, so that nobody waits for anybody's lock. */
export async function write(
  { database, shops }: Context,
  { openWriter, countEvents }: Subject,
  { clients, warmUp, ms }: Task & { kind: 'write' },
): Promise<Omit<Result, 'rss_mb'>> {
  if (openWriter === undefined) throw new Error('this subject does not write');
  const before = await sumOfVersions(database);
  const client = createClients(await openWriter(clients), await versionsOf(database, shops), clients);
  const warm = await client(warmUp);
  const commits = await nextTransaction(database);
  const cpu = process.cpuUsage();
  const start = clockMs();
  const took = await client(ms);
  const seconds = (clockMs() - start) / 1_000;
  const { user, system } = process.cpuUsage(cpu);
  const written = warm.length + took.length;
  const lost = Math.abs((await sumOfVersions(database)) - before - written);
  const lostEvents = countEvents === undefined ? 0 : Math.abs((await countEvents()) - written);
  return {
    throughput: took.length / seconds,
    latency_p50: percentile(took, 0.5),
    latency_p99: percentile(took, 0.99),
    commits_per_write: ((await nextTransaction(database)) - commits) / took.length,
    cpu_ms_per_1000: (user + system) / took.length,
    wrong: lost + lostEvents,
  };
}

/** Lets all clients write for so long; answers with the milliseconds every write took. */
function createClients(write: Write, versions: number[], clients: number): (ms: number) => Promise<number[]> {
  const places = Array.from({ length: clients }, (_, n) => n);
  return async (ms) => {
    const end = clockMs() + ms;
    const took: number[] = [];
    const work = async (client: number) => {
      for (let start = clockMs(); start < end; ) {
        const shop = places[client] ?? 0;
        places[client] = (shop + clients) % (versions.length - (versions.length % clients));
        versions[shop] = (versions[shop] ?? 0) + 1;
        await write(shop, versions[shop]);
        const now = clockMs();
        took.push(now - start);
        start = now;
      }
    };
    await Promise.all(places.map((_, client) => work(client)));
    return took;
  };
}

/** The versions of the shops, in their order. */
export async function versionsOf(database: Database, shops: Context['shops']): Promise<number[]> {
  const { rows } = await database.query<{ id: string; version: number }>('select id, version from shop');
  const versions = new Map(rows.map(({ id, version }) => [id, version]));
  return shops.map(({ id }) => versions.get(id) ?? 0);
}

async function sumOfVersions(database: Database): Promise<number> {
  const { rows } = await database.query<{ sum: number }>('select sum(version)::bigint from shop');
  return rows[0]?.sum ?? 0;
}

/** PostgreSQL counts the transactions that write: the difference of two is how many there were. */
async function nextTransaction(database: Database): Promise<number> {
  const { rows } = await database.query<{ next: number }>(
    'select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as next',
  );
  return rows[0]?.next ?? 0;
}
