import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ResourceVersion } from '../../../contracts/wire/source-api.ts';
import { type Clock, systemClock } from '../../runtime/system.ts';
import type { HoldStore } from '../../runtime/views/hold-store.ts';
import type { ProgressStore } from '../../runtime/views/progress-store.ts';
import type { Indexes, ViewRow, ViewStore } from '../../runtime/views/view-store.ts';
import { opening, whileBusy } from './faults.ts';
import { HOLD_TABLE, holdOn } from './hold.ts';
import { PROGRESS_TABLE, progressOn, readProgressOn } from './progress.ts';
import { createSqliteQuery } from './query.ts';
import { bringInLine } from './schema.ts';
import { hasRevisions, PUT, PUT_WITHOUT_REVISION, REPLACE, REPLACE_WITHOUT_REVISION } from './statements.ts';
import { createWalSync, noSync, type SyncFile, type WalSync } from './wal-sync.ts';

/** A view store in SQLite. */
export type SqliteViewStore<View> = ViewStore<View> & {
  /** Like `scan`, without the views: for comparing versions with the source (`findDrift`). */
  scanVersions: (after: string, limit: number) => Promise<ResourceVersion[]>;
  progress: ProgressStore;
  holds: HoldStore;
  close: () => void;
};

/** The methods of the store that only read. */
export type ReadableViewStore<View> = Pick<
  SqliteViewStore<View>,
  'read' | 'scan' | 'scanVersions' | 'versions' | 'close'
> & { progress: Pick<ProgressStore, 'read'> };

/** The methods of the store that a repair uses. */
export type RepairableViewStore<View> = Omit<ReadableViewStore<View>, 'progress'> &
  Pick<ViewStore<View>, 'write' | 'refusal'> & {
    /**
     * Writes each row whose version is the stored one, whatever the stored view is, and returns for each whether it was
     * written. `write` passes over a damaged view at the right version.
     */
    replace: (rows: readonly ViewRow<View>[]) => Promise<boolean[]>;
  };

type StoredRow = { id: string; version: number; view: string | null };

/**
 * Settings of a store. `revision` is written beside each view: a view of another revision is written again at the same
 * version.
 */
export type SqliteOptions = { syncFile?: SyncFile; clock?: Clock; revision?: string | undefined };

/**
 * Opens a store of views as JSON documents in SQLite, one row per resource, with a generated column for each index.
 * Each write is one commit, which is synced before it resolves. `path` is a file, readable only by its owner, or
 * `:memory:`.
 */
export function openSqliteViewStore<View>(
  path: string,
  indexes: Indexes = {},
  { syncFile, clock = systemClock, revision }: SqliteOptions = {},
): SqliteViewStore<View> {
  return opening(path, () => {
    const database = openDatabase(path, indexes);
    const wal = path === ':memory:' ? noSync : createWalSync(path, syncFile);
    return storeOn<View>(database, indexes, { wal, clock, revision });
  });
}

function openDatabase(path: string, indexes: Indexes): DatabaseSync {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path, { timeout: OPENING });
  // normal, and the log synced by this code: a message is deleted only when its view is safe on disk
  // (docs/decisions/0008-sqlite-views.md).
  database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  bringInLine(database, indexes);
  database.exec(PROGRESS_TABLE);
  database.exec(HOLD_TABLE);
  return database;
}

/**
 * 5 s for a lock while the file is opened, when there is no other work. Later on waiting must not block: see
 * `whileBusy`.
 */
const OPENING = 5_000;

/** Opens the views of a consumer for reading only, even while it runs. Throws if there is no such file. */
export function readSqliteViewStore<View>(path: string): ReadableViewStore<View> {
  return opening(path, () => {
    const database = new DatabaseSync(path, { readOnly: true, timeout: OPENING });
    const views = viewsOn<View>(database, {}, { wal: noSync, clock: systemClock });
    const tried = <Result>(work: () => Result) => whileBusy(systemClock, work);
    return { ...views, progress: { read: readProgressOn({ database, tried }) } };
  });
}

/**
 * Opens the existing views of a consumer for a repair, even while it runs. The table stays as it is, with its indexes.
 * Throws if there is no such file.
 */
export function repairSqliteViewStore<View>(
  path: string,
  { clock = systemClock, revision }: Omit<SqliteOptions, 'syncFile'> = {},
): RepairableViewStore<View> {
  return opening(path, () => {
    // Opened for reading first: otherwise SQLite would make a file that is not there.
    new DatabaseSync(path, { readOnly: true }).close();
    const database = new DatabaseSync(path, { timeout: OPENING });
    // full: SQLite syncs each commit by itself. A repair writes little.
    database.exec('pragma synchronous = full');
    const views = viewsOn<View>(database, {}, { wal: noSync, clock, revision });
    const put = database.prepare(hasRevisions(database) ? REPLACE : REPLACE_WITHOUT_REVISION);
    const replace = (row: ViewRow<View>) =>
      whileBusy(clock, () => put.run(textOf(row), revision ?? null, row.id, row.version).changes === 1);
    return {
      ...views,
      async replace(rows) {
        const written: boolean[] = [];
        for (const row of rows) written.push(await replace(row));
        return written;
      },
    };
  });
}

type StoreParts = { wal: WalSync; clock: Clock; revision?: string | undefined };

function storeOn<View>(database: DatabaseSync, indexes: Indexes, parts: StoreParts): SqliteViewStore<View> {
  const { wal, clock, revision } = parts;
  const views = viewsOn<View>(database, indexes, parts);
  const tried = <Result>(work: () => Result) => whileBusy(clock, work);
  const deps = { database, clock, tried, sync: wal.sync };
  return { ...views, progress: progressOn(deps), holds: holdOn(deps), ...(revision !== undefined && { revision }) };
}

function viewsOn<View>(
  database: DatabaseSync,
  indexes: Indexes,
  { wal, clock, revision }: StoreParts,
): Omit<SqliteViewStore<View>, 'progress' | 'holds'> {
  // Prepared here because at opening SQLite may still wait for the lock.
  const tried = <Result>(work: () => Result) => whileBusy(clock, work);
  const versionsOf = database.prepare('select id, version from view where id in (select value from json_each(?))');
  const rowsOf = database.prepare('select id, version, view from view where id in (select value from json_each(?))');
  const page = database.prepare('select id, version, view from view where id > ? order by id limit ?');
  const pageOfVersions = database.prepare('select id, version from view where id > ? order by id limit ?');
  const putIfNewer = database.prepare(hasRevisions(database) ? PUT : PUT_WITHOUT_REVISION);
  const countAll = database.prepare('select count(*) as rows from view');
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const rollback = database.prepare('rollback');
  const query = createSqliteQuery<View>(database, indexes);
  database.exec('pragma busy_timeout = 0');

  function inOneCommit<Result>(work: () => Result): Result {
    begin.run();
    try {
      const result = work();
      commit.run();
      return result;
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw error;
    }
  }

  const put = (row: ViewRow<View>) => putIfNewer.run(row.id, row.version, revision ?? null, textOf(row)).changes === 1;

  return {
    async versions(ids) {
      const rows = await tried(() => versionsOf.all(JSON.stringify(ids)) as StoredRow[]);
      // A ring is skipped because of a stored version, so that version must be safe as well.
      await wal.settled();
      return new Map(rows.map(({ id, version }) => [id, version]));
    },
    read: async (ids) => (await tried(() => rowsOf.all(JSON.stringify(ids)) as StoredRow[])).map(toRow<View>),
    async write(rows) {
      if (rows.length === 0) return [];
      const written = await tried(() => inOneCommit(() => rows.map(put)));
      await wal.sync();
      return written;
    },
    async probe() {
      for (const sql of PROBE) await tried(() => inOneCommit(() => database.exec(sql)));
      await wal.sync();
    },
    scan: async (after, limit) =>
      (await tried(() => firstOf(page.iterate(after, limit) as Iterable<StoredRow>))).map(toRow<View>),
    scanVersions: async (after, limit) =>
      (await tried(() => pageOfVersions.all(after, limit) as ResourceVersion[])).map(({ id, version }) => ({
        id,
        version,
      })),
    count: async () => (await tried(() => countAll.get() as { rows: number })).rows,
    query: (filter, after, limit) => tried(() => query(filter, after, limit)),
    close() {
      wal.close();
      database.close();
    },
  };
}

/** 64 KiB, as much as a hundred views take: a disk with room for only a few bytes counts as full. */
const PROBE = [
  'create table if not exists probe (ballast blob) strict; insert into probe values (zeroblob(65536))',
  'delete from probe',
];
/** 4 Mi characters of views in one page: some 5,000 usual views, or 20 of the largest. */
const MOST_CHARACTERS = 4 * 1024 * 1024;

/** Takes rows up to a total number of characters, and at least one if there is any. */
function firstOf(rows: Iterable<StoredRow>): StoredRow[] {
  const first: StoredRow[] = [];
  let characters = 0;
  for (const row of rows) {
    first.push(row);
    characters += row.view?.length ?? 0;
    if (characters > MOST_CHARACTERS) break;
  }
  return first;
}

const textOf = ({ view }: ViewRow<unknown>): string | null => (view === null ? null : JSON.stringify(view));

function toRow<View>({ id, version, view }: StoredRow): ViewRow<View> {
  return { id, version, view: view === null ? null : (JSON.parse(view) as View) };
}

/** Creates the folder with mode 0700 and the file with 0600: other users of a shared machine must not read views. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
