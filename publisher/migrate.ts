import { readVariables } from '../contracts/environment/read.ts';
import { openOwner } from './store/database.ts';
import { migrate } from './store/migrate.ts';
import { migrationVariables } from './variables.ts';

/** Brings the schema up to date as its owner and ends: a step of its own before a release, so that no process that serves knows the owner. */
async function main(): Promise<void> {
  const { DATABASE_ADMIN_URL } = readVariables(migrationVariables, 'migration', process.env);
  const owner = openOwner(DATABASE_ADMIN_URL);
  const applied = await migrate(owner).finally(() => owner.end());
  process.stdout.write(`${JSON.stringify({ kind: 'migrated', applied })}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
