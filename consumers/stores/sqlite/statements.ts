import type { DatabaseSync } from 'node:sqlite';

/** Writes a row that is newer, or of the same version and another revision. */
export const PUT = `
  insert into view (id, version, revision, view) values (?, ?, ?, ?)
  on conflict (id) do update set version = excluded.version, revision = excluded.revision, view = excluded.view
  where excluded.version > view.version
     or excluded.version = view.version and excluded.revision is not null and excluded.revision is not view.revision`;
/** For the file of an older release, which only its consumer brings in line. */
export const PUT_WITHOUT_REVISION = `
  insert into view (id, version, view)
  select id, version, view from (select ? as id, ? as version, ? as revision, ? as view) where true
  on conflict (id) do update set version = excluded.version, view = excluded.view
  where excluded.version > view.version`;

/** Replaces a view at its version. */
export const REPLACE = 'update view set view = ?, revision = coalesce(?, revision) where id = ? and version = ?';
/** The same for the file of an older release. */
export const REPLACE_WITHOUT_REVISION =
  'update view set view = ? where coalesce(?, 1) is not null and id = ? and version = ?';

/** Tells whether the table of views has revisions, as those of this release have. */
export const hasRevisions = (database: DatabaseSync): boolean =>
  database.prepare("select 1 from pragma_table_info('view') where name = 'revision'").get() !== undefined;
