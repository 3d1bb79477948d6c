import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { leaveShell } from '../support/own-shell.ts';

leaveShell(process.env);

/** Tests that only run against something real, which `npm run test:real` has started and names in the environment. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    experimental: { viteModuleRunner: false },
    include: ['test/real/**/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    testTimeout: 180_000,
    hookTimeout: 60_000,
    // One file after the other: they share two cores with LocalStack, PostgreSQL and a process for each consumer.
    fileParallelism: false,
  },
});
