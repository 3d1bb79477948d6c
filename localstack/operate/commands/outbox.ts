import { Command } from 'commander';
import { migrateOutbox, outboxScript } from '../../../publisher/outbox/migrate.ts';
import type { OutboxRoles } from '../../../publisher/outbox/rights-sql.ts';
import { ringResources } from '../../../publisher/outbox/ring-resources.ts';
import { DEFAULT_SCHEMA, schemaName } from '../../../publisher/outbox/schema.ts';
import { unwatchTable, watchTable } from '../../../publisher/outbox/watch.ts';
import type { TableWatch } from '../../../publisher/outbox/watch-sql.ts';
import { count, terminal } from '../../terminal.ts';
import { withOwner } from './owner.ts';

type RoleOptions = { schema: string; ringRole?: string; relayRole?: string; readRole?: string };

/** Makes `doorbell outbox`, which sets up the outbox in the database of a service. */
export function outboxCommand(): Command {
  const outbox = new Command('outbox').description('set up the outbox of a service in its own database');
  outbox.addCommand(
    withRoles(new Command('migrate'))
      .description('create the schema of the outbox, or bring it up to date; needs DATABASE_ADMIN_URL')
      .action(migrate),
  );
  outbox.addCommand(
    withRoles(new Command('sql'))
      .description('print the same as SQL, for Flyway, Liquibase, Prisma or knex')
      .action((options: RoleOptions) => {
        process.stdout.write(`${outboxScript({ schema: options.schema, roles: rolesOf(options) })}\n`);
      }),
  );
  outbox.addCommand(
    withSchema(new Command('ring-all'))
      .description('ring every resource once more, for consumers that may have missed something')
      .requiredOption('--type <type>', 'the type to ring, one that wakes the consumers')
      .action(async ({ schema, type }: { schema: string; type: string }) => {
        const rung = await withOwner((pool) => ringResources(pool, { schema, type }));
        terminal.line(`${count(rung)} resources rung as ${type}.`);
      }),
  );
  return outbox;
}

/** Makes `doorbell watch`, which lets a table ring by triggers. */
export function watchCommand(): Command {
  return withSchema(new Command('watch'))
    .description('let a table ring by triggers, without a change in the code of the service; needs DATABASE_ADMIN_URL')
    .argument('<table>', 'the table, with its schema: public.product')
    .requiredOption('--id <column>', 'the column that identifies a row')
    .option('--created <type>', 'the type for a new row, such as product.created')
    .option('--changed <type>', 'the type for a changed row')
    .option('--removed <type>', 'the type for a deleted row')
    .option('--columns <names>', 'only changes of these columns ring, separated by commas', (names) => names.split(','))
    .option('--prefix <text>', 'text before each id, for an outbox with several kinds: product:')
    .action(async (table: string, options: Omit<TableWatch, 'table'>) => {
      const { rows, rung, ...watched } = await withOwner((pool) => watchTable(pool, { ...options, table }));
      terminal.line(
        `${watched.table} rings from now on. ${count(rung)} of its ${count(rows)} rows rung for the first time.`,
      );
    });
}

/** Makes `doorbell unwatch`, which takes the triggers off again. */
export function unwatchCommand(): Command {
  return withSchema(new Command('unwatch'))
    .description('take the triggers of doorbell watch off a table; needs DATABASE_ADMIN_URL')
    .argument('<table>', 'the table, with its schema: public.product')
    .action(async (table: string, { schema }: { schema: string }) => {
      await withOwner((pool) => unwatchTable(pool, { table, schema }));
      terminal.line(`${table} rings no more.`);
    });
}

async function migrate(options: RoleOptions): Promise<void> {
  const { schema } = options;
  const applied = await withOwner((pool) => migrateOutbox(pool, { schema, roles: rolesOf(options) }));
  const roles = Object.values(rolesOf(options)).filter(Boolean);
  const rights = roles.length === 0 ? '' : ` Rights given to ${[...new Set(roles)].join(', ')}.`;
  terminal.line(
    applied.length === 0 ? `The outbox ${schema} is up to date.${rights}` : `Applied ${applied.join(', ')}.${rights}`,
  );
}

const withSchema = (command: Command): Command =>
  command.option('--schema <name>', 'the schema of the outbox', checkedSchema, DEFAULT_SCHEMA);

const withRoles = (command: Command): Command =>
  withSchema(command)
    .option('--ring-role <role>', 'the role of the service, which may ring')
    .option('--read-role <role>', 'the role of the source API, which may read versions')
    .option('--relay-role <role>', 'the role of the relay');

const rolesOf = ({ ringRole, readRole, relayRole }: RoleOptions): OutboxRoles => ({
  ring: ringRole,
  read: readRole,
  relay: relayRole,
});

function checkedSchema(name: string): string {
  return schemaName(name);
}
