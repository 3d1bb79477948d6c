import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { Condition, Filter, Indexes, LivingRow } from '../../runtime/views/view-store.ts';

/** Makes a function that queries indexed values. Each combination of conditions is prepared once. */
export function createSqliteQuery<View>(database: DatabaseSync, indexes: Indexes) {
  const prepared = new Map<string, StatementSync>();

  function statementFor(clauses: string[]): StatementSync {
    const where = ['view is not null', 'id > ?', ...clauses].join(' and ');
    const known = prepared.get(where);
    if (known !== undefined) return known;
    const statement = database.prepare(`select id, version, view from view where ${where} order by id limit ?`);
    prepared.set(where, statement);
    return statement;
  }

  return (filter: Filter, after: string, limit: number): LivingRow<View>[] => {
    const parts = Object.entries(filter).map(([name, condition]) => {
      if (!Object.hasOwn(indexes, name))
        throw new RangeError(`"${name}" is not indexed; there are ${Object.keys(indexes).join(', ')}`);
      return clauseOf(name, Array.isArray(condition) ? condition : [condition as Condition]);
    });
    const values = parts.flatMap((part) => part.values);
    const rows = statementFor(parts.map(({ sql }) => sql)).all(after, ...values, limit);
    return (rows as { id: string; version: number; view: string }[]).map((row) => ({
      ...row,
      view: JSON.parse(row.view),
    }));
  };
}

/** Makes the clause for one value. `name` is one of the indexes: the caller has checked it. */
function clauseOf(name: string, conditions: readonly Condition[]): { sql: string; values: string[] } {
  const equal = conditions.filter((condition) => typeof condition === 'string');
  const others = conditions.flatMap((condition) => (typeof condition === 'string' ? [] : textClause(name, condition)));
  const all = [
    // One statement for any number of values.
    ...(equal.length > 0
      ? [{ sql: `"${name}" in (select value from json_each(?))`, values: [JSON.stringify(equal)] }]
      : []),
    ...others,
  ];
  return { sql: `(${all.map(({ sql }) => sql).join(' or ') || 'false'})`, values: all.flatMap(({ values }) => values) };
}

function textClause(name: string, condition: Exclude<Condition, string>): { sql: string; values: string[] } {
  if ('contains' in condition) return { sql: `instr("${name}", ?) > 0`, values: [condition.contains] };
  const { startsWith } = condition;
  return { sql: `substr("${name}", 1, length(?)) = ?`, values: [startsWith, startsWith] };
}
