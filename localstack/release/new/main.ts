import { Command } from 'commander';
import { root } from '../../infrastructure/functions/functions.ts';
import { paint, terminal } from '../../terminal.ts';
import { newConsumer } from './consumer.ts';
import { agreementFile, partFile } from './texts.ts';

/** `npm run new -- …`: makes the files of something new, for the person who adds it. */
const program = new Command('new')
  .description('Makes the files of something new.')
  .showHelpAfterError('Add --help to see what there is.');

program
  .command('consumer <name>')
  .description('make a consumer: its agreement, its source, its part, and its entry in each list')
  .action((name: string) => {
    for (const file of newConsumer(name, root)) terminal.line(file);
    terminal.line(nextSteps(name));
  });

function nextSteps(name: string): string {
  return `
Next, say what ${name} needs:
  ${agreementFile(name)}  which events wake it, and which fields it gets
  publisher/shops/sources/all.ts  how a shop becomes these fields
  ${partFile(name)}  its view
Then:
  npm run contracts -- docs   writes its API documents and its place in the template
  npm run pacts               records what it asks of the publisher (first: npm --prefix test/contract ci)
  npm run check
  npm start                   runs it, and fills its views from the publisher`;
}

try {
  await program.parseAsync();
} catch (error) {
  terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
  process.exitCode = 1;
}
