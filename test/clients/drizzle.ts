import { inArray, sql } from 'drizzle-orm';
import { drizzle, type NodePgDatabase } from 'drizzle-orm/node-postgres';
import { integer, type PgDatabase, type PgQueryResultHKT, pgTable, text } from 'drizzle-orm/pg-core';
import pg from 'pg';
import { ring, type Snapshot, type Transaction } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, shelf } from './client.ts';

const product = pgTable('product', {
  sku: text().primaryKey(),
  name: text().notNull(),
  price: integer().notNull(),
});

type Tx = PgDatabase<PgQueryResultHKT>;

/** Asks in a transaction of drizzle, which takes no text with $1 in it. */
const queryOf = (tx: Tx): Transaction['query'] => {
  return async (text, values) => {
    const parts = text.split(/\$(\d+)/).map((part, n) => (n % 2 ? sql.param(values[Number(part) - 1]) : sql.raw(part)));
    return (await tx.execute(sql.join(parts))) as unknown as { rows: unknown[] };
  };
};

const snapshotOf = (db: NodePgDatabase): Snapshot<Tx> => {
  return (work) =>
    db.transaction((tx) => work(tx, queryOf(tx)), { isolationLevel: 'repeatable read', accessMode: 'read only' });
};

/** Products by drizzle. */
export function openDrizzle(url: string): Client {
  const pool = new pg.Pool({ connectionString: url });
  const db = drizzle(pool);
  return {
    put: ({ sku, price, id, type }, last) =>
      db.transaction(async (tx) => {
        const row = { sku, name: sku, price };
        await tx.insert(product).values(row).onConflictDoUpdate({ target: product.sku, set: { price } });
        const { rows } = await tx.execute(sql`select doorbell.ring(${id}, ${type})`);
        last?.();
        return Number(rows[0]?.['ring']);
      }),
    ringAll: (ids) => db.transaction((tx) => ring({ query: queryOf(tx) }, changesOf(ids))),
    serve: (between) =>
      shelf(
        snapshotOf(db),
        (ids, tx) =>
          tx
            .select({ id: product.sku, name: product.name, price: product.price })
            .from(product)
            .where(inArray(product.sku, [...ids])),
        between,
      ),
    close: () => pool.end(),
  };
}
