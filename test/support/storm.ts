import { openClient, type Pool } from '../../publisher/postgres/database.ts';
import type { ChangeLog } from './change-logs.ts';
import type { Random, Shape } from './storm-shapes.ts';

/** How hard it blows. */
export type StormOptions = { log: ChangeLog; url: string; pool: Pool; writers: number; transactions: number };

/**
 * Writers that change resources in transactions of many shapes; one in twelve is rolled back. Positions are drawn in
 * another order than they commit. Resolves when all writers are done.
 */
export async function storm({ log, url, pool, writers, transactions }: StormOptions): Promise<void> {
  await pool.query(log.storm.prepare);
  await Promise.all(Array.from({ length: writers }, (_, n) => write(url, log.storm.shapes, n + 1, transactions)));
}

async function write(url: string, shapes: Shape[], writer: number, transactions: number): Promise<void> {
  const client = await openClient(url);
  const random = randomFrom(writer);
  try {
    for (let n = 0; n < transactions; n++) {
      await client.query('begin');
      await (shapes[random(shapes.length)] as Shape)(client, random, `w${writer}-${n}`);
      // Another statement between the position and its commit, for some: others overtake them.
      if (random(2) === 0) await client.query('select 1');
      await client.query(random(12) === 0 ? 'rollback' : 'commit');
    }
  } finally {
    await client.end();
  }
}

/** A linear congruential generator (Numerical Recipes): the same storm for the same seed, as far as the database lets it. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A committed change, or a ring: enough to tell one from another. */
export type Told = { id: string; version: number };

const nameOf = ({ id, version }: Told) => `${id} v${version}`;

/** The committed changes that were never rung. */
export async function lostEvents(pool: Pool, log: ChangeLog, rings: readonly Told[]): Promise<string[]> {
  const { rows } = await pool.query<Told>(log.committed);
  const rung = new Set(rings.map(nameOf));
  return rows.map(nameOf).filter((name) => !rung.has(name));
}

/** The rings of which nothing was committed. */
export async function inventedRings(pool: Pool, log: ChangeLog, rings: readonly Told[]): Promise<string[]> {
  const { rows } = await pool.query<Told>(log.committed);
  const committed = new Set(rows.map(nameOf));
  return rings.map(nameOf).filter((name) => !committed.has(name));
}

/** The resources of which an older change was rung after a newer one. */
export function inversions(rings: readonly Told[]): string[] {
  const newest = new Map<string, number>();
  return rings.flatMap(({ id, version }) => {
    const isLate = version < (newest.get(id) ?? 0);
    newest.set(id, Math.max(version, newest.get(id) ?? 0));
    return isLate ? [id] : [];
  });
}
