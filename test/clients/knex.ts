import type { Knex } from 'knex';
import createKnex from 'knex';
import { ring, type Snapshot, type Transaction } from '../../publisher/outbox/outbox.ts';
import { type Client, changesOf, type Product, shelf } from './client.ts';

/** Asks in a transaction of knex, whose bindings have names instead of numbers. */
const queryOf = (trx: Knex.Transaction): Transaction['query'] => {
  return async (text, values) =>
    await trx.raw(text.replaceAll(/\$(\d+)/g, ':$1'), Object.fromEntries(values.map((value, n) => [n + 1, value])));
};

const snapshotOf = (knex: Knex): Snapshot<Knex.Transaction> => {
  return (work) =>
    knex.transaction((trx) => work(trx, queryOf(trx)), { isolationLevel: 'repeatable read', readOnly: true });
};

/** Products by knex. */
export function openKnex(url: string): Client {
  const knex = createKnex.default({ client: 'pg', connection: url });
  return {
    put: ({ sku, price, id, type }, last) =>
      knex.transaction(async (trx) => {
        await trx('product').insert({ sku, name: sku, price }).onConflict('sku').merge(['price']);
        const { rows } = await trx.raw('select doorbell.ring(?, ?)', [id, type]);
        last?.();
        return Number(rows[0].ring);
      }),
    ringAll: (ids) => knex.transaction((trx) => ring({ query: queryOf(trx) }, changesOf(ids))),
    serve: (between) =>
      shelf(
        snapshotOf(knex),
        async (ids, trx) =>
          (await trx('product').select('sku as id', 'name', 'price').whereIn('sku', ids)) as Product[],
        between,
      ),
    close: () => knex.destroy(),
  };
}
