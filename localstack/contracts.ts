import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { exit, NotRunning } from './cli/running.ts';
import { documentFiles } from './documents.ts';
import { checkCommand, releaseCommand } from './gate/check.ts';
import { paint, terminal } from './terminal.ts';
import { usageCommand } from './usage/command.ts';

/** `npm run contracts -- …`: what is derived from the contracts, for those who change them. */
const program = new Command('contracts')
  .description('What is derived from contracts/.')
  .showHelpAfterError('Add --help to see what there is.')
  .addCommand(checkCommand())
  .addCommand(releaseCommand())
  .addCommand(usageCommand());

program
  .command('docs')
  .description('write the API documents: OpenAPI, AsyncAPI, JSON Schema')
  .option('--into <folder>', 'where they are written', 'docs/api')
  .action(({ into }: { into: string }) => {
    mkdirSync(into, { recursive: true });
    for (const { file, text } of documentFiles()) {
      writeFileSync(join(into, file), text);
      terminal.line(join(into, file));
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
  process.exitCode = error instanceof NotRunning ? exit.unreachable : exit.failed;
}
