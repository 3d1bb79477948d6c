import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/**
 * Makes Prisma's client from schema.prisma. Its command line fetches an engine for migrations, unless a variable names
 * one; making a client runs none, so that any file will do. The client itself runs in WebAssembly and on `pg`.
 */
execFileSync(process.execPath, ['node_modules/prisma/build/index.js', 'generate', '--schema', 'schema.prisma'], {
  cwd: fileURLToPath(new URL('.', import.meta.url)),
  env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, CHECKPOINT_DISABLE: '1' },
  stdio: 'inherit',
});
