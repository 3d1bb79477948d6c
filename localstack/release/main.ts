import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { exitCodeOf } from '../operate/commands/exit-code.ts';
import { paint, terminal } from '../terminal.ts';
import { documentFiles, pageFiles } from './documents.ts';
import { checkCommand, releaseCommand } from './gate/check.ts';
import { usageCommand } from './usage/command.ts';

/** Runs `npm run contracts -- …`: commands for developers who change the contracts. */
const program = new Command('contracts')
  .description('Commands for developers who change contracts/: check, documents, release.')
  .showHelpAfterError('Add --help for all commands and options.')
  .addCommand(checkCommand())
  .addCommand(releaseCommand())
  .addCommand(usageCommand());

program
  .command('docs')
  .description('write the API documents (OpenAPI, AsyncAPI, JSON Schema), the generated pages and the template')
  .option('--into <folder>', 'the folder for the API documents', 'docs/api')
  .option('--pages <folder>', 'the folder of the project, for its pages', '.')
  .action(({ into, pages }: { into: string; pages: string }) => {
    for (const { file, text } of documentFiles()) write(join(into, file), text);
    for (const { file, text } of pageFiles()) write(join(pages, file), text);
  });

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  terminal.line(file);
}

try {
  await program.parseAsync();
} catch (error) {
  terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
  process.exitCode = exitCodeOf(error, false);
}
