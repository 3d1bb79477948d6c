import type pg from 'pg';
import { ring } from '../../publisher/outbox/ring.ts';

/** A whole number from 0 on, below the one that is given. */
export type Random = (below: number) => number;

/**
 * What one transaction of a storm does. `name` is another word in each, so that no ring stands for another when rings
 * are collapsed.
 */
export type Shape = (client: pg.Client, random: Random, name: string) => Promise<unknown>;

/** 40 resources: several writers at each, so that locks are waited for and positions are drawn out of order. */
export const RESOURCES = 40;

const some = (random: Random) => `s${1 + random(RESOURCES)}`;
/** One or two of them, in the order in which everybody locks. */
const someTwo = (random: Random) => [...new Set([some(random), some(random)])].sort();

/** Writers of events as commands are and might be: behind the shop's lock, after another write, two shops at once. */
export const shopShapes: Shape[] = [
  (client, random) => appendBehindLock(client, [some(random)]),
  async (client, random) => {
    await client.query(`insert into owner values ('kim', 1, 'Kim', 'K') on conflict do nothing`);
    await appendBehindLock(client, [some(random)]);
  },
  (client, random) => appendBehindLock(client, someTwo(random)),
  async (client, random) => {
    const shop = some(random);
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

/** Services that ring: from TypeScript, from SQL, by triggers; one or two resources, and resources that go. */
export const outboxShapes: Shape[] = [
  (client, random, name) => client.query('select doorbell.ring($1, $2)', [some(random), `storm.${name}`]),
  (client, random, name) =>
    ring(
      client,
      someTwo(random).map((id) => ({ id, type: `storm.${name}` })),
    ),
  (client, random, name) => client.query('select doorbell.gone($1, $2)', [some(random), `gone.${name}`]),
  // As psql sends a script: several statements in one text, without parameters.
  (client, random, name) =>
    client.query(`do $$ begin perform doorbell.ring('${some(random)}', 'script.${name}'); end $$; select 1`),
  // A part that is rolled back alone gives up the lock that the fence looks at, and its position stays empty.
  async (client, random, name) => {
    await client.query('savepoint part');
    await client.query('select doorbell.ring($1, $2)', [some(random), `never.${name}`]);
    await client.query('rollback to savepoint part');
    await client.query('select doorbell.ring($1, $2)', [some(random), `part.${name}`]);
  },
  // A watched table: each row is new, since all its rings of one kind have one type.
  async (client, random, name) => {
    await client.query(`insert into product values ($1, 'Tea', 5)`, [name]);
    if (random(2) === 0) await client.query('update product set price = 6 where sku = $1', [name]);
    if (random(2) === 0) await client.query('delete from product where sku = $1', [name]);
  },
];
