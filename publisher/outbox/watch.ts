import { TypeName } from '../../contracts/wire/notification.ts';
import type { Database, Pool } from '../postgres/database.ts';
import { transaction } from '../postgres/transaction.ts';
import { quoted } from './rights-sql.ts';
import { schemaName } from './schema.ts';
import { dropTriggersSql, type TableColumns, type TableWatch, triggerSql } from './watch-sql.ts';

/** Result of watching a table: rows that were there before, and how many of them are rung for the first time. */
export type WatchedTable = { table: string; rows: number; rung: number };

/** 1,000 rows in one transaction: the locks of the first ringing of a large table stay short. */
const AT_ONCE = 1_000;

/**
 * Puts triggers on a table, so that each change of a row rings in the same transaction, without a line of code changed.
 * Triggers of an earlier watch are replaced. Rows that are there already are rung once as created, a thousand at a
 * time. Throws TypeError for a type that is not valid, and Error where the table, a column or a right is missing, or
 * where rows have ids that can't be rung; then nothing has changed.
 */
export async function watchTable(pool: Pool, watch: TableWatch): Promise<WatchedTable> {
  const schema = schemaName(watch.schema);
  checkTypes(watch);
  const table = await transaction(pool, async (database) => {
    const found = await findTable(database, watch);
    await refuseBadIds(database, watch, found);
    await database.query(dropTriggersSql(schema, found));
    await database.query(triggerSql(schema, watch, found));
    return found;
  });
  const rung = watch.created === undefined ? 0 : await ringRows(pool, schema, watch, table);
  const { rows } = await pool.query<{ rows: number | string }>(`select count(*) as rows from ${table.name}`);
  return { table: table.name, rows: Number(rows[0]?.rows ?? 0), rung };
}

/** Takes the triggers of `watchTable` off again. The outbox keeps what was rung. */
export async function unwatchTable(pool: Pool, { table, schema }: Pick<TableWatch, 'table' | 'schema'>): Promise<void> {
  await transaction(pool, async (database) => {
    const found = await findTable(database, { table });
    await database.query(dropTriggersSql(schemaName(schema), found));
  });
}

function checkTypes({ created, changed, removed }: TableWatch): void {
  const types = Object.entries({ created, changed, removed }).filter(([, type]) => type !== undefined);
  if (types.length === 0)
    throw new TypeError('watch: give a type for at least one of created, changed and removed, such as product.changed');
  for (const [kind, type] of types)
    if (!TypeName.safeParse(type).success)
      throw new TypeError(`${kind} "${type}": a type is lower-case words joined by . and -, such as product.changed`);
}

async function findTable(database: Database, { table, id, columns = [] }: Partial<TableWatch> & { table: string }) {
  const { rows } = await database.query<{ name: string; kind: string; columns: TableColumns['columns'] }>(TABLE, [
    table,
  ]);
  const [found] = rows;
  if (found === undefined) throw new Error(`There is no table ${table}. Name it with its schema: public.product.`);
  if (found.kind !== 'r' && found.kind !== 'p')
    throw new Error(`${table} is no table: only a table can be watched. Watch the table behind it.`);
  const known = found.columns.map(({ name }) => name);
  for (const column of [...(id === undefined ? [] : [id]), ...columns])
    if (!known.includes(column))
      throw new Error(`The table ${table} has no column ${column}; its columns are ${known.join(', ')}.`);
  return found;
}
const TABLE = `
  select format('%I.%I', n.nspname, c.relname) as name, c.relkind as kind,
         json_agg(json_build_object('name', a.attname, 'isComparable', exists (
           select from pg_operator o where o.oprname = '=' and o.oprleft = coalesce(nullif(t.typbasetype, 0), a.atttypid)
             and o.oprright = o.oprleft
         ) or t.typtype in ('e', 'c', 'r') or t.typcategory in ('A', 'S', 'E', 'R')) order by a.attnum) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       join pg_type t on t.oid = a.atttypid
  where c.oid = to_regclass($1) group by n.nspname, c.relname, c.relkind`;

async function refuseBadIds(
  database: Database,
  { id, prefix = '' }: TableWatch,
  { name }: TableColumns,
): Promise<void> {
  const { rows } = await database.query<{ id: string | null }>(
    `select ${quoted(id)}::text as id from ${name}
     where ${quoted(id)} is null or ($1 || ${quoted(id)}::text) !~ '^[A-Za-z0-9._~:-]{1,128}$'
        or ($1 || ${quoted(id)}::text) in ('.', '..') limit 3`,
    [prefix],
  );
  if (rows.length === 0) return;
  const examples = rows.map((row) => JSON.stringify(row.id)).join(', ');
  throw new Error(
    `${name}.${id} has values that are no ids, such as ${examples}: an id has 1 to 128 of A-Z a-z 0-9 . _ ~ : -. ` +
      'Watch another column that identifies the row.',
  );
}

/** Rings the rows that the outbox does not know yet, in order of their ids, each thousand in its own transaction. */
async function ringRows(pool: Pool, schema: string, watch: TableWatch, { name }: TableColumns): Promise<number> {
  const id = `${quoted(watch.id)}::text`;
  const ringSome = `
    with next as materialized (
      select ($1 || ${id}) collate "C" as id from ${name} as watched
      where ($1 || ${id}) collate "C" > $2
      order by 1 limit ${AT_ONCE}
    ), rung as materialized (
      select ${schema}.ring(next.id, $3) as version from next
      where not exists (select from ${schema}.resource as known where known.id = next.id)
    )
    select (select max(id) from next) as last, (select count(*) from rung) as rung`;
  let rung = 0;
  for (let after: string | null = ''; after !== null; ) {
    const { rows }: { rows: { last: string | null; rung: number | string }[] } = await pool.query(ringSome, [
      watch.prefix ?? '',
      after,
      watch.created,
    ]);
    rung += Number(rows[0]?.rung ?? 0);
    after = rows[0]?.last ?? null;
  }
  return rung;
}
