import { systemIds } from '../../../publisher/ids.ts';
import type { Database } from '../../../publisher/postgres/database.ts';
import type { Shop } from '../../../publisher/shops/domain/shop.ts';
import { append, type ShopChange } from '../../../publisher/shops/store/event-store.ts';
import { realShops } from '../shops.ts';

/**
 * The real shops that sell something, as they are registered here. Every event after that sets the price of the only
 * item to 1,000 and the shop's version, so that each state can be told from its version.
 */
export function benchShops(): Shop[] {
  return [...realShops()].flatMap(([id, shop]) => {
    const [item] = shop.menu;
    return item === undefined ? [] : { ...shop, id, menu: [{ ...item, price: priceAt(1) }], owner: null };
  });
}

/** What the item costs at a version of its shop. */
export const priceAt = (version: number): number => 1_000 + version;

/** The shop to which every tenth event belongs, where a history is filled in. */
export const popularShop = (shops: readonly Shop[]): string => shops.map(({ id }) => id).toSorted()[0] ?? '';

/** Registers every shop, by the store's own code. */
export async function registerShops(database: Database): Promise<void> {
  const changes = benchShops().map((shop): ShopChange => {
    const meta = { actor: 'bench', command: 'registerShop' };
    const data = { shop, previous: null };
    return {
      from: 0,
      events: [{ type: 'shop.registered', data, version: 1, eventId: systemIds.event(), meta }],
      to: shop,
    };
  });
  for (let n = 0; n < changes.length; n += 500) await append(database, changes.slice(n, n + 500), []);
}

/** Fills up to so many events, every tenth of the popular shop, the rest spread over all others; with their snapshots. */
export async function fillHistory(database: Database, events: number): Promise<void> {
  const { rows } = await database.query<{ count: number }>('select count(*) from shop_events');
  const there = rows[0]?.count ?? 0;
  // The popular shop makes up for the registrations, none of which but one is its own.
  const popular = events / 10 / (events - there);
  for (let more = events - there; more > 0; more -= CHUNK) {
    await database.query(history, [Math.min(more, CHUNK), popular]);
    await database.query(snapshots);
    await database.query(states);
  }
}

/** 100,000 events in one statement: a few seconds. */
const CHUNK = 100_000;

/** Has so many events more, of as many different shops as there are, one after the other. */
export async function fillBacklog(database: Database, events: number): Promise<void> {
  await database.query(backlog, [events]);
  await database.query(states);
}

/** $1 events, a share of $2 of them of the popular shop, evenly spread. */
const history = `
  with numbered as (
    select id, version, state, row_number() over (order by id) - 1 as n, count(*) over () as shops from shop
  ), drawn as (
    select g, floor(g * $2::float8)::int as popular_so_far, floor(g * $2::float8) > floor((g - 1) * $2::float8) as popular
    from generate_series(1, $1::int) as g
  ), placed as (
    select g, case when popular then 0 else 1 + (g - popular_so_far) % (shops - 1) end as n
    from drawn, (select max(shops) as shops from numbered) as most
  ), versioned as (
    select g, n, row_number() over (partition by n order by g) as later from placed
  )
  insert into shop_events (shop_id, version, event_id, type, data, meta)
  select id, version + later, gen_random_uuid(), 'shop.menu-item-price-changed',
         jsonb_build_object(
           'itemId', state #>> '{menu,0,id}',
           'from', jsonb_build_object('price', 999 + version + later, 'priceNote', state #> '{menu,0,priceNote}'),
           'to', jsonb_build_object('price', 1000 + version + later, 'priceNote', state #> '{menu,0,priceNote}')),
         '{"actor":"bench","command":"changeMenuItem"}'
  from versioned join numbered using (n)
  order by g`;

/** $1 events. */
const backlog = `
  with numbered as (
    select id, version, state, row_number() over (order by id) - 1 as n, count(*) over () as shops from shop
  ), placed as (
    select g, (g - 1) % shops as n, 1 + (g - 1) / shops as later
    from generate_series(1, $1::int) as g, (select max(shops) as shops from numbered) as most
  )
  insert into shop_events (shop_id, version, event_id, type, data, meta)
  select id, version + later, gen_random_uuid(), 'shop.menu-item-price-changed',
         jsonb_build_object(
           'itemId', state #>> '{menu,0,id}',
           'from', jsonb_build_object('price', 999 + version + later, 'priceNote', state #> '{menu,0,priceNote}'),
           'to', jsonb_build_object('price', 1000 + version + later, 'priceNote', state #> '{menu,0,priceNote}')),
         '{"actor":"bench","command":"changeMenuItem"}'
  from placed join numbered using (n)
  order by g`;

const snapshots = `
  insert into shop_snapshot (shop_id, version, state)
  select shop_id, event.version, jsonb_set(state, '{menu,0,price}', to_jsonb(1000 + event.version))
  from shop_events as event join shop on shop.id = shop_id
  where event.version % 100 = 0 and event.version > shop.version
  on conflict do nothing`;

const states = `
  update shop set version = latest.version, state = jsonb_set(state, '{menu,0,price}', to_jsonb(1000 + latest.version))
  from (select shop_id, max(version) as version from shop_events group by shop_id) as latest
  where shop.id = latest.shop_id and shop.version < latest.version`;
