import type pg from 'pg';
import { openWalker } from '../../../publisher/postgres/database.ts';

/** Runs `work` with a database session of its own, which may read the whole event table. */
export async function withDatabase<Result>(url: string, work: (database: pg.Client) => Promise<Result>) {
  const database = await openWalker(url);
  try {
    return await work(database);
  } finally {
    await database.end().catch(() => undefined);
  }
}
