import { migrateOutbox } from '../../../publisher/outbox/outbox.ts';
import { type Database, openClient, openPool, type Pool } from '../../../publisher/postgres/database.ts';
import type { Context, Subject } from './context.ts';

/** 5,000 products of a service that knows no shops. */
export const PRODUCTS = 5_000;

/** Type that every change of a price rings. */
export const PRICE_CHANGED = 'product.price-changed';

/** What a subject does to its price change, on the client's connection: the last statement is its own. */
export type Change = (client: Database, id: string) => Promise<unknown>;

/** A writer of products: what it makes before, one change, and the number of events that it left. */
export type ProductWriter = {
  prepare?: (pool: Pool) => Promise<void>;
  change: Change;
  /** Statement that counts the events which it has written, as `count`. */
  count?: string;
};

/** Makes a subject of a writer: a table of products, and a connection for each client, with PostgreSQL's own settings. */
export function openProducts({ databaseUrl, database }: Context, { prepare, change, count }: ProductWriter): Subject {
  const clients: Awaited<ReturnType<typeof openClient>>[] = [];
  return {
    async prepare() {
      await database.query(table);
      await database.query('insert into product select $1 || n, 1 from generate_series(1, $2::int) as n', [
        PREFIX,
        PRODUCTS,
      ]);
      const pool = openPool({ connectionString: databaseUrl });
      await prepare?.(pool);
      await pool.end();
      await database.query('vacuum analyze');
    },
    async openBell(wanted) {
      for (let n = 0; n < wanted; n++) clients.push(await openClient(databaseUrl));
      return (client, product) => change(clients[client] as Database, PREFIX + product);
    },
    ...(count !== undefined && {
      countEvents: async () => (await database.query<{ count: number }>(count)).rows[0]?.count ?? 0,
    }),
    async stop() {
      await Promise.all(clients.map((client) => client.end()));
    },
  };
}

/** Changes a price and does `then` in the same transaction: three round trips, and those of `then`. */
export const inTransaction =
  (then?: Change): Change =>
  async (client, id) => {
    await client.query('begin');
    await client.query(updateProduct, [id]);
    await then?.(client, id);
    await client.query('commit');
  };

/** Changes the price of product $1. */
export const updateProduct = {
  name: 'update-product',
  text: 'update product set price = price + 1 where id = $1',
};

/** Makes the outbox, with all products rung once: a service that has run for a while. */
export async function prepareOutbox(pool: Pool): Promise<void> {
  await migrateOutbox(pool);
  await pool.query('select count(doorbell.ring(id, $1)) from product', [PRICE_CHANGED]);
}

/** Counts the changes that were rung since, if versions and change log agree. */
export const countRung = `
  select case when sum(version) = (select count(*) from doorbell.change) then sum(version)::bigint - ${PRODUCTS} end as count
  from doorbell.resource`;

const PREFIX = 'product_';
const table = 'create table product (id text primary key, price int not null)';
