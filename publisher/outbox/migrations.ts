import type { SqlFile } from '../postgres/migrations.ts';
import { closedSql } from './rights-sql.ts';
import { ringSql } from './ring-sql.ts';
import { schemaName } from './schema.ts';
import { keepingSql, tablesSql } from './tables-sql.ts';

/** Migrations of the outbox's schema, oldest first. One that was released is never changed. */
export function outboxMigrations(schema?: string): SqlFile[] {
  const name = schemaName(schema);
  return [{ name: '0001-outbox', text: [tablesSql, keepingSql, ringSql, closedSql].map((sql) => sql(name)).join('') }];
}
