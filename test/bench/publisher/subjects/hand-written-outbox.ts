import type { Context, Subject } from '../context.ts';
import { inTransaction, openProducts, PRICE_CHANGED } from '../products.ts';

/** The outbox that many teams write by hand: a row for each change, without versions, checks or an order. */
export const open = (context: Context): Subject =>
  openProducts(context, {
    prepare: async (pool) => void (await pool.query(table)),
    change: inTransaction((client, id) => client.query(insert, [id, PRICE_CHANGED])),
    count: 'select count(*) from outbox',
  });

const table = `
  create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null default gen_random_uuid(),
    resource text not null,
    type text not null,
    at timestamptz not null default now()
  )`;
const insert = { name: 'insert-outbox', text: 'insert into outbox (resource, type) values ($1, $2)' };
