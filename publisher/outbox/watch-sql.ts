import { quoted } from './rights-sql.ts';

/** Types that a table rings; a kind of change without a type rings nothing. */
export type TableWatch = {
  /** Table, with its schema where it is not on the search path. */
  table: string;
  /** Column with the id of the resource. */
  id: string;
  created?: string | undefined;
  changed?: string | undefined;
  removed?: string | undefined;
  /** Columns whose changes ring; all by default. */
  columns?: readonly string[] | undefined;
  /** Text before each id, for an outbox with several kinds: `product:`. */
  prefix?: string | undefined;
  /** Schema of the outbox; `doorbell` by default. */
  schema?: string | undefined;
};

/** A table as it is in the database: its qualified name, and whether each column's values can be compared. */
export type TableColumns = { name: string; columns: { name: string; isComparable: boolean }[] };

/** Names of the triggers on a watched table, and of their function in the outbox's schema. */
const TRIGGERS = ['doorbell_created', 'doorbell_changed', 'doorbell_removed', 'doorbell_emptied'];

const functionOf = (schema: string, { name }: TableColumns): string =>
  `${schema}.${quoted(`watch_${name.replaceAll('"', '')}`.slice(0, 63))}`;

/** Statements that take the triggers off. */
export function dropTriggersSql(schema: string, table: TableColumns): string {
  const triggers = TRIGGERS.map((trigger) => `drop trigger if exists ${trigger} on ${table.name};`);
  return [...triggers, `drop function if exists ${functionOf(schema, table)}();`].join('\n');
}

/** Statements that put the triggers on. The function has the rights of its owner, so writers need none. */
export function triggerSql(schema: string, watch: TableWatch, table: TableColumns): string {
  const name = functionOf(schema, table);
  return `${triggerFunction(schema, watch, table, name)}\n${triggersOf(watch, table, name)}`;
}

function triggerFunction(schema: string, watch: TableWatch, table: TableColumns, name: string): string {
  const { created, changed, removed, prefix = '' } = watch;
  const id = (row: 'old' | 'new') => `${literal(prefix)} || ${row}.${quoted(watch.id)}::text`;
  const ring = (row: 'old' | 'new', type?: string) =>
    type === undefined ? 'null;' : `perform ${schema}.ring(${id(row)}, ${literal(type)});`;
  const gone = type(removed, (it) => `perform ${schema}.gone(${id('old')}, ${literal(it)});`);
  return `
create function ${name}() returns trigger language plpgsql security definer set search_path = '' as $watch$
begin
  if tg_op = 'INSERT' then ${ring('new', created)}
  elsif tg_op = 'DELETE' then ${gone}
  elsif tg_op = 'TRUNCATE' then
    ${type(
      removed,
      (it) => `perform ${schema}.gone(${literal(prefix)} || ${quoted(watch.id)}::text, ${literal(it)})
      from ${table.name} order by ${quoted(watch.id)}::text collate "C";`,
    )}
  elsif old.${quoted(watch.id)}::text is distinct from new.${quoted(watch.id)}::text then
    ${gone}
    ${ring('new', created ?? changed)}
  else ${ring('new', changed)}
  end if;
  return null;
end $watch$;
revoke execute on function ${name}() from public;`;
}

const type = (name: string | undefined, statement: (type: string) => string) =>
  name === undefined ? 'null;' : statement(name);

function triggersOf({ created, changed, removed, columns, id }: TableWatch, table: TableColumns, name: string): string {
  const run = `execute function ${name}();`;
  const watched = table.columns.filter((column) => (columns ?? [column.name]).includes(column.name));
  const identity = table.columns.filter((column) => column.name === id && !watched.includes(column));
  const differs = [...watched, ...identity].map(differenceOf).join(' or ');
  return [
    created !== undefined && `create trigger doorbell_created after insert on ${table.name} for each row ${run}`,
    changed !== undefined &&
      `create trigger doorbell_changed after update on ${table.name} for each row when (${differs}) ${run}`,
    removed !== undefined && `create trigger doorbell_removed after delete on ${table.name} for each row ${run}`,
    removed !== undefined &&
      `create trigger doorbell_emptied before truncate on ${table.name} for each statement ${run}`,
  ]
    .filter(Boolean)
    .join('\n');
}

/** Compares a column. Types without an equality, such as json and xml, are compared as text. */
function differenceOf({ name, isComparable }: TableColumns['columns'][number]): string {
  const value = (row: string) => `${row}.${quoted(name)}${isComparable ? '' : '::text'}`;
  return `${value('old')} is distinct from ${value('new')}`;
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;
