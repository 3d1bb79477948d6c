import type { DatabaseSync } from 'node:sqlite';
import { type Index, type Indexes, pathsOf } from '../../runtime/views/view-store.ts';

/**
 * Creates the table of views, or recreates it where its indexes differ from the requested ones; no view is lost. Throws
 * RangeError for an index that can't be named.
 */
export function bringInLine(database: DatabaseSync, indexes: Indexes): void {
  const wanted = tableOf(indexes);
  const found = database.prepare("select sql from sqlite_schema where type = 'table' and name = 'view'").get();
  if (found?.sql === wanted) return;
  database.exec('begin immediate');
  if (found !== undefined) database.exec('alter table view rename to former_view');
  database.exec(wanted);
  if (found !== undefined) database.exec(hasRevision(found.sql) ? COPY : COPY_WITHOUT_REVISION);
  if (found !== undefined) database.exec('drop table former_view');
  for (const [name, index] of Object.entries(indexes))
    if (isIndexed(index)) database.exec(`create index if not exists view_by_${name} on view ("${name}", id)`);
  database.exec('commit');
}

const COPY = 'insert into view (id, version, revision, view) select id, version, revision, view from former_view';
const COPY_WITHOUT_REVISION = 'insert into view (id, version, view) select id, version, view from former_view';
/** Tables of older releases have no revisions. */
const hasRevision = (sql: unknown) => String(sql).includes('revision text');

const isIndexed = (index: Index) => typeof index === 'string' || 'coarse' in index;

/** Builds the table's statement. The columns depend on the consumer, so it can't be a fixed text. */
function tableOf(indexes: Indexes): string {
  const columns = pathsOf(indexes).map(
    ({ name, path }) => `,\n  "${name}" text generated always as (view ->> '$.${path}') stored`,
  );
  return `CREATE TABLE view (
  id text primary key,
  version integer not null,
  revision text,
  view text${columns.join('')}
) strict`;
}
