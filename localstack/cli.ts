import { Command, CommanderError } from 'commander';
import { problemsOfNames } from '../contracts/environment/read.ts';
import { configCommand } from './cli/config.ts';
import { deployCommand } from './cli/deploy.ts';
import { destroyCommand } from './cli/destroy.ts';
import { dlqCommand } from './cli/dlq.ts';
import { doctorCommand } from './cli/doctor.ts';
import { exitCodeOf } from './cli/exit-code.ts';
import { importCommand } from './cli/import.ts';
import { rebuildCommand } from './cli/rebuild.ts';
import { replayCommand } from './cli/replay.ts';
import { exit, interrupted } from './cli/running.ts';
import { verifyCommand } from './cli/verify.ts';
import { homeOf } from './dev/config.ts';
import { askMachineDirectly } from './embedded.ts';
import { paint, terminal } from './terminal.ts';

/** `npm run doorbell -- …`: what an operator asks of a running system. Data on stdout, progress and errors on stderr. */
const program = new Command('doorbell')
  .description('What an operator asks of a running Doorbell. Start one first: npm start')
  .option('--home <folder>', 'the folder npm start keeps its data in', homeOf(process.env))
  .showHelpAfterError('Add --help to see what there is.')
  .exitOverride()
  .hook('preAction', (_, command) => {
    if (command.name() !== 'config') refuseUnknown(process.env);
  })
  .addCommand(configCommand().exitOverride())
  .addCommand(importCommand().exitOverride())
  .addCommand(verifyCommand().exitOverride())
  .addCommand(doctorCommand().exitOverride())
  .addCommand(deployCommand().exitOverride())
  .addCommand(destroyCommand().exitOverride())
  .addCommand(dlqCommand().exitOverride())
  .addCommand(replayCommand().exitOverride())
  .addCommand(rebuildCommand().exitOverride());

askMachineDirectly(process.env);

// Whoever reads only the head of our output has seen enough, but what was asked for is done to the end.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', ({ code }: NodeJS.ErrnoException) => {
    if (code !== 'EPIPE') process.exit(exit.failed);
  });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, interrupted());
  if (!(error instanceof CommanderError)) terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
}

/** A misspelt variable would silently ask another system. `config` prints it among all that is wrong. */
function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  const lines = problemsOfNames(environment).map(({ name, problem }) => `${name}: ${problem}`);
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
