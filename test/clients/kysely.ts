import { CompiledQuery, Kysely, PostgresDialect, sql, type Transaction as Tx } from 'kysely';
import pg from 'pg';
import { ring, type Snapshot, type Transaction } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, shelf } from './client.ts';

type Tables = { product: { sku: string; name: string; price: number } };

/** Asks in a transaction of kysely. */
const queryOf = (trx: Tx<Tables>): Transaction['query'] => {
  return (text, values) => trx.executeQuery(CompiledQuery.raw(text, values));
};

const snapshotOf = (db: Kysely<Tables>): Snapshot<Tx<Tables>> => {
  const transaction = db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only');
  return (work) => transaction.execute((trx) => work(trx, queryOf(trx)));
};

/** Products by kysely. */
export function openKysely(url: string): Client {
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
  return {
    put: ({ sku, price, id, type }, last) =>
      db.transaction().execute(async (trx) => {
        const row = { sku, name: sku, price };
        await trx
          .insertInto('product')
          .values(row)
          .onConflict((conflict) => conflict.column('sku').doUpdateSet({ price }))
          .execute();
        const { rows } = await sql`select doorbell.ring(${id}, ${type})`.execute(trx);
        last?.();
        return Number((rows[0] as { ring: string }).ring);
      }),
    ringAll: (ids) => db.transaction().execute((trx) => ring({ query: queryOf(trx) }, changesOf(ids))),
    serve: (between) =>
      shelf(
        snapshotOf(db),
        (ids, trx) =>
          trx.selectFrom('product').select(['sku as id', 'name', 'price']).where('sku', 'in', ids).execute(),
        between,
      ),
    close: () => db.destroy(),
  };
}
