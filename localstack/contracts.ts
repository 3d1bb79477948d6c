import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { documentFiles } from './documents.ts';
import { terminal } from './terminal.ts';

/** `npm run contracts -- …`: what is derived from the contracts, for those who change them. */
const program = new Command('contracts')
  .description('What is derived from contracts/.')
  .showHelpAfterError('Add --help to see what there is.');

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

await program.parseAsync();
