import type pg from 'pg';
import { openClient, type Pool } from '../../publisher/postgres/database.ts';

/** How hard it blows. */
export type StormOptions = { url: string; pool: Pool; writers: number; transactions: number };

/** 40 shops: several writers at each, so that locks are waited for and ids are drawn in another order than they commit. */
const SHOPS = 40;

/**
 * Writers that append events as commands do and as they might: behind the shop's lock, after another write, of two shops at
 * once, behind an advisory lock; one transaction in twelve is rolled back. Events have a type of their own, so that none
 * stands for another when rings are collapsed. Resolves when all of them are done.
 */
export async function storm({ url, pool, writers, transactions }: StormOptions): Promise<void> {
  await pool.query(
    `insert into shop (id, version, closed, state) select 's' || n, 0, false, '{}' from generate_series(1, $1::int) as n`,
    [SHOPS],
  );
  await Promise.all(Array.from({ length: writers }, (_, n) => write(url, randomFrom(n + 1), transactions)));
}

type Random = (below: number) => number;

async function write(url: string, random: Random, transactions: number): Promise<void> {
  const client = await openClient(url);
  try {
    for (let n = 0; n < transactions; n++) {
      await client.query('begin');
      await (shapes[random(shapes.length)] as Shape)(client, random);
      // Another statement between the id and its commit, for some: others overtake them.
      if (random(2) === 0) await client.query('select 1');
      await client.query(random(12) === 0 ? 'rollback' : 'commit');
    }
  } finally {
    await client.end();
  }
}

type Shape = (client: pg.Client, random: Random) => Promise<unknown>;

const someShop = (random: Random) => `s${1 + random(SHOPS)}`;

const shapes: Shape[] = [
  (client, random) => appendBehindLock(client, [someShop(random)]),
  async (client, random) => {
    await client.query(`insert into owner values ('kim', 1, 'Kim', 'K') on conflict do nothing`);
    await appendBehindLock(client, [someShop(random)]);
  },
  (client, random) => appendBehindLock(client, [...new Set([someShop(random), someShop(random)])].sort()),
  async (client, random) => {
    const shop = someShop(random);
    await client.query('select pg_advisory_xact_lock(hashtext($1))', [shop]);
    await appendBehindLock(client, [shop]);
  },
];

async function appendBehindLock(client: pg.Client, shops: string[]): Promise<void> {
  for (const shop of shops)
    await client.query(
      `with moved as (update shop set version = version + 1 where id = $1 returning id, version)
       insert into shop_events (shop_id, version, event_id, type, data)
       select id, version, gen_random_uuid(), 'storm.v' || version, '{}' from moved`,
      [shop],
    );
}

/** A linear congruential generator (Numerical Recipes): the same storm for the same seed, as far as the database lets it. */
function randomFrom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** A committed event, or a ring: enough to tell one from another. */
export type Told = { id: string; version: number };

const nameOf = ({ id, version }: Told) => `${id} v${version}`;

/** The committed events that were never rung. */
export async function lostEvents(pool: Pool, rings: readonly Told[]): Promise<string[]> {
  const { rows } = await pool.query<Told>('select shop_id as id, version from shop_events order by id');
  const rung = new Set(rings.map(nameOf));
  return rows.map(nameOf).filter((name) => !rung.has(name));
}

/** The rings of which nothing was committed. */
export async function inventedRings(pool: Pool, rings: readonly Told[]): Promise<string[]> {
  const { rows } = await pool.query<Told>('select shop_id as id, version from shop_events');
  const committed = new Set(rows.map(nameOf));
  return rings.map(nameOf).filter((name) => !committed.has(name));
}

/** The shops of which an older event was rung after a newer one. */
export function inversions(rings: readonly Told[]): string[] {
  const newest = new Map<string, number>();
  return rings.flatMap(({ id, version }) => {
    const isLate = version < (newest.get(id) ?? 0);
    newest.set(id, Math.max(version, newest.get(id) ?? 0));
    return isLate ? [id] : [];
  });
}
