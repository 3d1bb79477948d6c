import { join } from 'node:path';
import { paint, terminal } from '../../terminal.ts';
import { buildFunctions } from './build.ts';
import { root } from './functions.ts';

/**
 * Runs `npm run build:lambda`: builds the functions into `.build/lambda/<function>/index.mjs`, and prints their
 * sizes.
 */
try {
  const built = await buildFunctions(join(root, '.build/lambda'));
  const width = Math.max(...built.map(({ name }) => name.length));
  for (const { name, bytes } of built)
    terminal.line(
      `${name.padEnd(width)}  ${`${Math.round(bytes / 1_000)} KB`.padStart(8)}  .build/lambda/${name}/index.mjs`,
    );
} catch (error) {
  terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
  process.exitCode = 1;
}
