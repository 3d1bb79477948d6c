import type { Database } from '../postgres/database.ts';

/**
 * Tells the leading relay, which may run in another process, that events were committed. Calls made while one is under
 * way are merged into one more. It is sent after the commit and not by a trigger: NOTIFY holds a lock on the whole
 * database until its own commit is on disk. Its own commit need not wait for the disk, because the poll catches a lost
 * announcement.
 */
export function createAnnounce(database: Database, channel: string, onError: (error: Error) => void): () => void {
  let isUnderWay = false;
  let isWanted = false;
  return function announce(): void {
    isWanted = isUnderWay;
    if (isUnderWay) return;
    isUnderWay = true;
    database
      .query(`set local synchronous_commit = off; notify ${channel}`)
      .catch(onError)
      .finally(() => {
        isUnderWay = false;
        if (isWanted) announce();
      });
  };
}
