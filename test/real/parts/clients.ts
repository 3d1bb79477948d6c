import { resolve } from 'node:path';
import { ends, install, runTests } from '../commands.ts';
import type { Part } from '../part.ts';
import { pythonEnvironment } from '../python.ts';

/** The clients of PostgreSQL that docs/outbox.md shows, each ringing in a transaction of its own. */
export const clientParts: Part[] = [
  {
    part: 'clients',
    against: 'drizzle, kysely, knex, Prisma, postgres.js, psycopg',
    async run() {
      install('test/clients');
      const python = pythonEnvironment(['3.13', '3.12'], 'test/clients/requirements.txt');
      const faults = await ends('npm', ['--prefix', 'test/clients', 'run', 'generate']);
      if (faults.length > 0) return { faults };
      const path = { PATH: `${resolve(python)}:${process.env.PATH}` };
      return runTests([], path, 'test/clients/vitest.config.ts');
    },
  },
];
