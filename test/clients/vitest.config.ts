import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { leaveShell } from '../support/own-shell.ts';

leaveShell(process.env);

export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  test: {
    experimental: { viteModuleRunner: false },
    include: ['test/clients/*.test.ts'],
    globalSetup: ['test/support/postgres-setup.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
