import { devNull } from 'node:os';
import { devVariables } from '../../localstack/start/variables.ts';

/** What the clients of PostgreSQL and AWS, fauxqs and our own programs read: each by the beginning of its name. */
const OURS = /^(PG|AWS_|FAUXQS_|DATABASE_|DOORBELL_)|^NODE_(PG_FORCE_NATIVE|USE_ENV_PROXY)$/;

/** What a run is told about itself (`npm run test:real`), by the table. */
const TOLD: readonly string[] = Object.entries(devVariables)
  .filter(([, { readBy }]) => (readBy as readonly string[]).includes('test'))
  .map(([name]) => name);

/**
 * Tests run in a shell of their own: a DATABASE_URL of somebody's would be written into, and the others change what is tested.
 * Profiles of AWS are looked for where there are none. To be called before anything that reads them is loaded.
 */
export function leaveShell(environment: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(environment)) if (OURS.test(name) && !TOLD.includes(name)) delete environment[name];
  environment.AWS_CONFIG_FILE = devNull;
  environment.AWS_SHARED_CREDENTIALS_FILE = devNull;
}
