import type { Database, Pool } from './database.ts';
import { isSessionUseless } from './faults.ts';

/**
 * Runs `work` in one transaction: committed if it returns, rolled back if it throws. A broken session is closed, not
 * reused.
 */
export async function transaction<Result>(pool: Pool, work: (database: Database) => Promise<Result>): Promise<Result> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const note = (error: Error) => {
    broken ??= error;
  };
  // A pool does not listen to a client that it has lent, and an unhandled error event ends the process.
  client.on('error', note);
  try {
    await client.query('begin');
    const result = await work(client);
    await client.query('commit');
    return result;
  } catch (error) {
    if (isSessionUseless(error)) note(error as Error);
    // A rollback would wait behind the statement that was never answered.
    if (broken === undefined) await client.query('rollback').catch(note);
    throw error;
  } finally {
    client.release(broken);
    client.off('error', note);
  }
}
