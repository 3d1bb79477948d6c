import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { ShopVersion } from '../../contracts/source-api.ts';
import { createSqliteQuery } from './sqlite-query.ts';
import { bringInLine } from './sqlite-schema.ts';
import type { Indexes, ViewRow, ViewStore } from './view-store.ts';
import { createWalSync, noSync, type SyncFile, type WalSync } from './wal-sync.ts';

/** A view store in SQLite. */
export type SqliteViewStore<View> = ViewStore<View> & {
  /** Like `scan`, without the views: for comparing versions with the source's (`findDrift`). */
  scanVersions: (after: string, limit: number) => Promise<ShopVersion[]>;
  close: () => void;
};

/** What of it is for reading only. */
export type ReadableViewStore<View> = Pick<SqliteViewStore<View>, 'read' | 'scan' | 'scanVersions' | 'close'>;

type StoredRow = { id: string; version: number; view: string | null };

/**
 * Views as JSON documents in SQLite, one row per shop, with a generated column for each index. Each write is one
 * commit that is synced before it resolves. `path` is a file, created for its owner only, or `:memory:`.
 */
export function openSqliteViewStore<View>(
  path: string,
  indexes: Indexes = {},
  syncFile?: SyncFile,
): SqliteViewStore<View> {
  if (path !== ':memory:') createPrivately(path);
  const database = new DatabaseSync(path, { timeout: 5_000 });
  // normal, and the log synced by us: a message is deleted only when its view is safe on disk (docs/decisions/0008-sqlite-views.md).
  database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  bringInLine(database, indexes);
  return storeOn(database, indexes, path === ':memory:' ? noSync : createWalSync(path, syncFile));
}

/** The views of a consumer that may be running, for reading only. Throws if there is no such file. */
export function readSqliteViewStore<View>(path: string): ReadableViewStore<View> {
  return storeOn<View>(new DatabaseSync(path, { readOnly: true, timeout: 5_000 }), {}, noSync);
}

function storeOn<View>(database: DatabaseSync, indexes: Indexes, wal: WalSync): SqliteViewStore<View> {
  const versionsOf = database.prepare('select id, version from view where id in (select value from json_each(?))');
  const rowsOf = database.prepare('select id, version, view from view where id in (select value from json_each(?))');
  const page = database.prepare('select id, version, view from view where id > ? order by id limit ?');
  const pageOfVersions = database.prepare('select id, version from view where id > ? order by id limit ?');
  const putIfNewer = database.prepare(`
    insert into view (id, version, view) values (?, ?, ?)
    on conflict (id) do update set version = excluded.version, view = excluded.view
    where excluded.version > view.version`);
  const begin = database.prepare('begin immediate');
  const commit = database.prepare('commit');
  const rollback = database.prepare('rollback');
  const query = createSqliteQuery<View>(database, indexes);

  function writeAll(rows: readonly ViewRow<View>[]): boolean[] {
    begin.run();
    try {
      const written = rows.map(
        ({ id, version, view }) =>
          putIfNewer.run(id, version, view === null ? null : JSON.stringify(view)).changes === 1,
      );
      commit.run();
      return written;
    } catch (error) {
      if (database.isTransaction) rollback.run();
      throw error;
    }
  }

  return {
    async versions(ids) {
      const rows = versionsOf.all(JSON.stringify(ids)) as StoredRow[];
      // A ring is skipped for what is stored: that must be safe, too.
      await wal.settled();
      return new Map(rows.map(({ id, version }) => [id, version]));
    },
    read: async (ids) => (rowsOf.all(JSON.stringify(ids)) as StoredRow[]).map(toRow<View>),
    async write(rows) {
      if (rows.length === 0) return [];
      const written = writeAll(rows);
      await wal.sync();
      return written;
    },
    scan: async (after, limit) => (page.all(after, limit) as StoredRow[]).map(toRow<View>),
    scanVersions: async (after, limit) =>
      (pageOfVersions.all(after, limit) as ShopVersion[]).map(({ id, version }) => ({ id, version })),
    query: async (filter, after, limit) => query(filter, after, limit),
    close() {
      wal.close();
      database.close();
    },
  };
}

function toRow<View>({ id, version, view }: StoredRow): ViewRow<View> {
  return { id, version, view: view === null ? null : (JSON.parse(view) as View) };
}

/** The folder 0700, the file 0600: views are nobody else's business on a shared machine. */
function createPrivately(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
  chmodSync(path, 0o600);
}
