import { randomBytes } from 'node:crypto';
import { inject, onTestFinished } from 'vitest';
import { openPool, type Pool } from '../../publisher/postgres/database.ts';

/**
 * A database in the role of a replica that lags: it has what `catchUp` copied from the primary and nothing newer. Its
 * pool is all that a publisher sees of a replica; it is dropped when the test is over.
 */
export async function laggingReplica() {
  const name = `replica_${randomBytes(6).toString('hex')}`;
  const server = openPool({ connectionString: inject('postgresUrl'), max: 1 });
  await server.query(`create database ${name} template shops_template`);
  const url = inject('postgresUrl').replace(/\/postgres$/, `/${name}`);
  const pool = openPool({ connectionString: url });
  onTestFinished(async () => {
    await pool.end();
    await server.query(`drop database ${name} with (force)`);
    await server.end();
  });
  return { url, pool, catchUp: (primary: Pool) => copy(primary, url) };
}

async function copy(primary: Pool, url: string): Promise<void> {
  const { rows } = await primary.query<{ shops: string; events: string }>(
    `select (select coalesce(jsonb_agg(to_jsonb(shop)), '[]')::text from shop) as shops,
            (select coalesce(jsonb_agg(to_jsonb(shop_events)), '[]')::text from shop_events) as events`,
  );
  const writer = openPool({ connectionString: url, max: 1 });
  // As a replica it takes rows without their owners.
  await writer.query('set session_replication_role = replica; delete from shop_events; delete from shop');
  await writer.query('insert into shop select * from jsonb_populate_recordset(null::shop, $1)', [rows[0]?.shops]);
  await writer.query(
    `insert into shop_events overriding system value
     select * from jsonb_populate_recordset(null::shop_events, $1)`,
    [rows[0]?.events],
  );
  await writer.end();
}
