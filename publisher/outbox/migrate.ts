import type { Database, Pool } from '../postgres/database.ts';
import {
  applyMigrations,
  type Migrations,
  migrationScript,
  migrationState,
  type SchemaState,
} from '../postgres/migrations.ts';
import { outboxMigrations } from './migrations.ts';
import { grantsSql, type OutboxRoles } from './rights-sql.ts';
import { schemaName } from './schema.ts';

/** Name of the outbox's schema, and the roles that get rights in it. */
export type OutboxSetup = {
  /** `doorbell` by default. */
  schema?: string | undefined;
  roles?: OutboxRoles | undefined;
};

/**
 * Creates the outbox's schema or brings it up to date, and gives the roles their rights. It needs a user who may create
 * in the database; that user owns the outbox. Returns the names of applied migrations. Throws TypeError for a name that
 * is not valid, and Error with a remedy where a right is missing.
 */
export async function migrateOutbox(pool: Pool, { schema, roles = {} }: OutboxSetup = {}): Promise<string[]> {
  const applied = await applyMigrations(pool, migrationsOf(schema));
  const grants = grantsSql(schemaName(schema), roles);
  if (grants !== '') await pool.query(grants);
  return applied;
}

/** Writes what `migrateOutbox` does as one SQL script, for Flyway, Liquibase, Prisma or knex. */
export function outboxScript({ schema, roles = {} }: OutboxSetup = {}): string {
  return `${migrationScript(migrationsOf(schema))}\n\n${grantsSql(schemaName(schema), roles)}`.trimEnd();
}

/** Compares the outbox with this release, and changes nothing. */
export function outboxState(database: Database, schema?: string): Promise<SchemaState> {
  return migrationState(database, migrationsOf(schema));
}

function migrationsOf(schema?: string): Migrations {
  const name = schemaName(schema);
  return {
    files: outboxMigrations(name),
    table: `${name}.migration`,
    // 7,235,689: an arbitrary number. Two outboxes of one database wait for each other, which takes little time.
    lock: 7_235_689,
    before: `create schema if not exists ${name}`,
    remedy:
      'Run doorbell outbox migrate with the URL of a user who may create a schema and a publication in the database, ' +
      'or pass the script of doorbell outbox sql to an administrator.',
  };
}
