import pg from 'pg';
import { pgSnapshot, ring } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, shelf } from './client.ts';

const PUT = 'insert into product values ($1, $1, $2) on conflict (sku) do update set price = $2';

/** Products by pg. */
export function openPg(url: string): Client {
  const pool = new pg.Pool({ connectionString: url });
  const inTransaction = async <Result>(work: (client: pg.PoolClient) => Promise<Result>) => {
    const client = await pool.connect();
    try {
      await client.query('begin');
      const result = await work(client);
      await client.query('commit');
      return result;
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  };
  return {
    put: ({ sku, price, id, type }, last) =>
      inTransaction(async (client) => {
        await client.query(PUT, [sku, price]);
        const [version] = await ring(client, { id, type });
        last?.();
        return Number(version);
      }),
    ringAll: (ids) => inTransaction((client) => ring(client, changesOf(ids))),
    serve: (between) =>
      shelf(
        pgSnapshot<pg.PoolClient>(pool),
        async (ids, client) =>
          (await client.query('select sku as id, name, price from product where sku = any($1)', [ids])).rows,
        between,
      ),
    close: () => pool.end(),
  };
}
