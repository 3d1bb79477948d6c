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
  const { rows } = await primary.query<{ shops: string }>(
    `select coalesce(jsonb_agg(to_jsonb(shop)), '[]')::text as shops from shop`,
  );
  const writer = openPool({ connectionString: url, max: 1 });
  // As a replica it takes rows without their owners.
  await writer.query('set session_replication_role = replica; delete from shop');
  await writer.query('insert into shop select * from jsonb_populate_recordset(null::shop, $1)', [rows[0]?.shops]);
  await writer.end();
}
