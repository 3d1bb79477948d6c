import type { DatabaseSync } from 'node:sqlite';
import type { Clock } from '../../runtime/system.ts';
import type { ProgressStore } from '../../runtime/views/progress-store.ts';

/** Statement for the table of progress, which has one row. */
export const PROGRESS_TABLE = `
  create table if not exists progress (
    one integer primary key check (one = 1), holder text, until real not null, kept text
  ) strict`;

/** Parts of a store in SQLite that progress needs. */
export type ProgressDeps = {
  database: DatabaseSync;
  clock: Clock;
  /** Runs work, and repeats it while the file is locked. */
  tried: <Result>(work: () => Result) => Promise<Result>;
  /** Resolves when all that was committed is safe on disk. */
  sync: () => Promise<void>;
};

type ProgressRow = { kept: string | null };

/** Makes the progress of a consumer in the file of its views. */
export function progressOn({ database, clock, tried, sync }: ProgressDeps): ProgressStore {
  const take = database.prepare(`
    insert into progress (one, holder, until) values (1, ?, ?)
    on conflict (one) do update set holder = excluded.holder, until = excluded.until
    where holder is null or holder = excluded.holder or until <= ? or until > ?
    returning kept`);
  const keep = database.prepare('update progress set kept = ?, until = ? where holder = ?');
  const read = readProgressOn({ database, tried });
  const release = database.prepare('update progress set holder = null where holder = ?');

  return {
    async lease(holder, ms) {
      const now = clock.now();
      const row = await tried(() => take.get(holder, now + ms, now, now + 2 * ms) as ProgressRow | undefined);
      return row === undefined ? null : { kept: row.kept };
    },
    async keep(holder, ms, text) {
      const { changes } = await tried(() => keep.run(text, clock.now() + ms, holder));
      if (changes === 0) return false;
      await sync();
      return true;
    },
    read,
    async release(holder) {
      await tried(() => release.run(holder));
    },
  };
}

/** Makes the reading of what was kept. A file of an older release has no progress. */
export function readProgressOn({ database, tried }: Pick<ProgressDeps, 'database' | 'tried'>): ProgressStore['read'] {
  const hasTable = database.prepare("select 1 from sqlite_schema where name = 'progress'").get() !== undefined;
  const kept = hasTable ? database.prepare('select kept from progress') : null;
  return async () => (await tried(() => kept?.get() as ProgressRow | undefined))?.kept ?? null;
}
