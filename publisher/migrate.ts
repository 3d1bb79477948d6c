import { logLine } from './log.ts';
import { checkPlace } from './postgres/database.ts';
import { prepare } from './shops/store/prepare.ts';
import { systemClock } from './system.ts';
import { migrationVariables, readVariables } from './variables.ts';

/** 60 s for a database that is started at the same time: a step of a release must end, even with an error. */
const PATIENCE = 60_000;

/**
 * Brings the schema up to date as its owner, and ends. It is a step of its own before a release, so that no serving
 * process knows the owner.
 */
async function main(): Promise<void> {
  const { DATABASE_ADMIN_URL } = readVariables(migrationVariables, 'migration', process.env);
  const owner = { connectionString: DATABASE_ADMIN_URL };
  checkPlace(owner, 'DATABASE_ADMIN_URL');
  let last: Error | null = null;
  const onAway = (error: Error) => {
    last = error;
    process.stdout.write(`${logLine({ kind: 'error', name: error.name, message: error.message })}\n`);
  };
  const late = new AbortController();
  const done = new AbortController();
  void systemClock.sleep(PATIENCE, done.signal).then(() => late.abort());
  const deps = { owner, clock: systemClock, onAway };
  const applied = await prepare(deps, late.signal).finally(() => done.abort());
  if (applied === null) throw last ?? new Error('The database did not become available.');
  process.stdout.write(`${JSON.stringify({ kind: 'migrated', applied })}\n`);
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
});
