import { accessSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { type Clock, systemClock } from '../../runtime/system.ts';
import type { HoldStore } from '../../runtime/views/hold-store.ts';
import { opening, whileBusy } from './faults.ts';

/** Statement for the table of the hold, which has one row at most. */
export const HOLD_TABLE =
  'create table if not exists hold (one integer primary key check (one = 1), kept text not null) strict';

/** Parts of a store in SQLite that the hold needs; see `ProgressDeps`. */
export type HoldDeps = {
  database: DatabaseSync;
  tried: <Result>(work: () => Result) => Promise<Result>;
  sync: () => Promise<void>;
};

/** Makes the hold of a consumer in the file of its views. */
export function holdOn({ database, tried, sync }: HoldDeps): HoldStore {
  const read = database.prepare('select kept from hold');
  const keep = database.prepare(
    'insert into hold (one, kept) values (1, ?) on conflict (one) do update set kept = excluded.kept',
  );
  return {
    read: async () => ((await tried(() => read.get())) as { kept: string } | undefined)?.kept ?? null,
    async keep(text) {
      await tried(() => keep.run(text));
      await sync();
    },
  };
}

/** Opens the hold of a consumer, even while it runs. Throws ViewFileUnusable if there is no such file. */
export function openSqliteHold(path: string, clock: Clock = systemClock): HoldStore & { close: () => void } {
  return opening(path, () => {
    accessSync(path);
    const database = new DatabaseSync(path, { timeout: OPENING });
    database.exec('pragma synchronous = full');
    database.exec(HOLD_TABLE);
    const hold = holdOn({ database, tried: (work) => whileBusy(clock, work), sync: async () => undefined });
    return { ...hold, close: () => database.close() };
  });
}

/** 5 s for the lock of the consumer that runs. */
const OPENING = 5_000;
