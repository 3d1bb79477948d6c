import type pg from 'pg';
import { openWalker } from '../../../publisher/postgres/database.ts';

/** Does something in a session of its own, which may walk through the whole event table. */
export async function withDatabase<Result>(url: string, work: (database: pg.Client) => Promise<Result>) {
  const database = await openWalker(url);
  try {
    return await work(database);
  } finally {
    await database.end().catch(() => undefined);
  }
}
