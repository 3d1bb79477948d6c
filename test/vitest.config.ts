import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './support/longest-first.ts';
import { leaveShell } from './support/own-shell.ts';

leaveShell(process.env);

// The programs that tests start, and the workers, needn't compile the same files again: 0.25 s a start instead of 0.45.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('../node_modules/.cache/doorbell', import.meta.url));

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  test: {
    // The code runs as it is, by Node's own type stripping, in tests as in production.
    experimental: { viteModuleRunner: false },
    include: ['test/**/*.test.ts'],
    exclude: [
      'test/real/**',
      'test/bench/**',
      'test/contract/**',
      'test/browser/**',
      'test/foreign/**',
      'test/clients/**',
    ],
    globalSetup: ['test/support/postgres-setup.ts'],
    // Real PostgreSQL, real brokers and child processes on two cores: a slow machine is no failure.
    testTimeout: 30_000,
    // 3: by itself vitest takes one less than there are cores, and most tests wait for a process or a disk.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    hookTimeout: 60_000,
  },
});
