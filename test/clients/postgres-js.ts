import postgres from 'postgres';
import { ring, type Snapshot, type Transaction } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, type Product, shelf } from './client.ts';

/** Asks in a transaction of postgres.js. */
const queryOf = (tx: postgres.TransactionSql): Transaction['query'] => {
  return (text, values) => tx.unsafe(text, values as never[]);
};

const snapshotOf = (sql: postgres.Sql): Snapshot<postgres.TransactionSql> => {
  return async <Result>(work: Parameters<Snapshot<postgres.TransactionSql>>[0]) =>
    (await sql.begin('isolation level repeatable read read only', (tx) => work(tx, queryOf(tx)))) as Result;
};

/** Products by postgres.js. */
export function openPostgresJs(url: string): Client {
  const sql = postgres(url);
  return {
    put: ({ sku, price, id, type }, last) =>
      sql.begin(async (tx) => {
        await tx`insert into product values (${sku}, ${sku}, ${price}) on conflict (sku) do update set price = ${price}`;
        const [row] = await tx`select doorbell.ring(${id}, ${type})`;
        last?.();
        return Number(row?.['ring']);
      }),
    ringAll: (ids) => sql.begin((tx) => ring({ query: queryOf(tx) }, changesOf(ids))),
    serve: (between) =>
      shelf(
        snapshotOf(sql),
        (ids, tx) => tx<Product[]>`select sku as id, name, price from product where sku in ${tx(ids)}`,
        between,
      ),
    close: () => sql.end(),
  };
}
