import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Command } from 'commander';
import { exitCodeOf } from '../operate/commands/exit-code.ts';
import { paint, terminal } from '../terminal.ts';
import { documentFiles, pageFiles } from './documents.ts';
import { checkCommand, releaseCommand } from './gate/check.ts';
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
  .description(
    'write the API documents (OpenAPI, AsyncAPI, JSON Schema) and what else is derived: pages and the template',
  )
  .option('--into <folder>', 'where the API documents are written', 'docs/api')
  .option('--pages <folder>', 'the project whose pages are written', '.')
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
