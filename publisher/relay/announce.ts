import type { Database } from '../postgres/database.ts';

/** Hears of it on this session: processes tell the leading relay that they have committed events. */
export async function listenToAnnounces(database: Database): Promise<void> {
  await database.query('listen doorbell_committed');
}

/**
 * Tells the leading relay, which may be in another process, that something was committed. Any number of calls while one is
 * under way become one more. After the commit and not in a trigger: NOTIFY holds a lock of the whole database until its own
 * commit is on disk, and need not wait for that (a lost one is caught by the poll).
 */
export function createAnnounce(database: Database, onError: (error: Error) => void): () => void {
  let isUnderWay = false;
  let isWanted = false;
  return function announce(): void {
    isWanted = isUnderWay;
    if (isUnderWay) return;
    isUnderWay = true;
    database
      .query('set local synchronous_commit = off; notify doorbell_committed')
      .catch(onError)
      .finally(() => {
        isUnderWay = false;
        if (isWanted) announce();
      });
  };
}
