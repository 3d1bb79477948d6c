import type { DatabaseSync } from 'node:sqlite';
import type { Indexes } from './view-store.ts';

/** Names and paths that can stand in a statement as they are. */
const NAME = /^[a-z][a-z0-9_]{0,39}$/;
const PATH = /^[A-Za-z][A-Za-z0-9]*(\.[A-Za-z][A-Za-z0-9]*)*$/;

/**
 * Makes the table of views, or remakes it where its indexes are no longer those that are asked for; no view is lost.
 * Throws RangeError for an index that can't be named.
 */
export function bringInLine(database: DatabaseSync, indexes: Indexes): void {
  const wanted = tableOf(indexes);
  const found = database.prepare("select sql from sqlite_schema where type = 'table' and name = 'view'").get();
  if (found?.sql === wanted) return;
  database.exec('begin immediate');
  if (found !== undefined) database.exec('alter table view rename to former_view');
  database.exec(wanted);
  if (found !== undefined)
    database.exec(
      'insert into view (id, version, view) select id, version, view from former_view; drop table former_view',
    );
  for (const [name, index] of Object.entries(indexes))
    if (typeof index === 'string') database.exec(`create index if not exists view_by_${name} on view ("${name}", id)`);
  database.exec('commit');
}

/** The columns are the consumer's own, so this statement can't be written down beforehand. */
function tableOf(indexes: Indexes): string {
  const columns = Object.entries(indexes).map(([name, index]) => {
    const path = typeof index === 'string' ? index : index.path;
    if (!NAME.test(name) || !PATH.test(path))
      throw new RangeError(`an index is named ${NAME} and stands at ${PATH}; "${name}: ${path}" doesn't fit`);
    return `,\n  "${name}" text generated always as (view ->> '$.${path}') stored`;
  });
  return `CREATE TABLE view (
  id text primary key,
  version integer not null,
  view text${columns.join('')}
) strict`;
}
