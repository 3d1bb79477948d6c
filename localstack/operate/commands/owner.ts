import { variableReader } from '../../../contracts/environment/read.ts';
import { outboxVariables } from '../../../publisher/outbox/relay-variables.ts';
import { checkPlace, openOwner, type Pool } from '../../../publisher/postgres/database.ts';

/** Runs `work` with a connection of the database's owner, from DATABASE_ADMIN_URL. */
export async function withOwner<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result> {
  const { DATABASE_ADMIN_URL } = variableReader([])(outboxVariables, 'outbox', process.env);
  checkPlace({ connectionString: DATABASE_ADMIN_URL }, 'DATABASE_ADMIN_URL');
  const pool = openOwner(DATABASE_ADMIN_URL);
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
