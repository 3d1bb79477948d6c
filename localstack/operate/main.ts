import { Command, CommanderError } from 'commander';
import { problemsOfNames } from '../../contracts/environment/read.ts';
import { consumerNames } from '../../contracts/shops/agreements/all.ts';
import { homeOf } from '../start/config.ts';
import { askMachineDirectly } from '../start/embedded.ts';
import { paint, terminal } from '../terminal.ts';
import { auditCommand } from './commands/audit.ts';
import { configCommand } from './commands/config.ts';
import { deployCommand } from './commands/deploy.ts';
import { destroyCommand } from './commands/destroy.ts';
import { dlqCommand } from './commands/dlq.ts';
import { doctorCommand } from './commands/doctor.ts';
import { exitCodeOf } from './commands/exit-code.ts';
import { importCommand } from './commands/import.ts';
import { lagCommand } from './commands/lag.ts';
import { outboxCommand, unwatchCommand, watchCommand } from './commands/outbox.ts';
import { provisionCommand } from './commands/provision.ts';
import { rebuildCommand } from './commands/rebuild.ts';
import { relayCommand } from './commands/relay.ts';
import { replayCommand } from './commands/replay.ts';
import { resumeCommand } from './commands/resume.ts';
import { exit, interrupted } from './commands/running.ts';
import { verifyCommand } from './commands/verify.ts';

/** Runs `npm run doorbell -- …`, the commands of an operator. Data goes to stdout, progress and errors to stderr. */
const program = new Command('doorbell')
  .description('Commands for the operator of a Doorbell system. To start a local system: npm start')
  .option('--home <folder>', 'the data folder of the local system of npm start', homeOf(process.env))
  .showHelpAfterError('Add --help for all commands and options.')
  .exitOverride()
  .hook('preAction', (_, command) => {
    if (command.name() !== 'config') refuseUnknown(process.env);
  })
  .addCommand(configCommand().exitOverride())
  .addCommand(importCommand().exitOverride())
  .addCommand(verifyCommand().exitOverride())
  .addCommand(auditCommand().exitOverride())
  .addCommand(lagCommand().exitOverride())
  .addCommand(doctorCommand().exitOverride())
  .addCommand(provisionCommand().exitOverride())
  .addCommand(deployCommand().exitOverride())
  .addCommand(destroyCommand().exitOverride())
  .addCommand(dlqCommand().exitOverride())
  .addCommand(replayCommand().exitOverride())
  .addCommand(resumeCommand().exitOverride())
  .addCommand(rebuildCommand().exitOverride())
  .addCommand(outboxCommand().exitOverride())
  .addCommand(watchCommand().exitOverride())
  .addCommand(unwatchCommand().exitOverride())
  .addCommand(relayCommand().exitOverride());

askMachineDirectly(process.env);

// A reader such as `head` may close the pipe early. The command still runs to its end.
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

/** Refuses unknown variables: a misspelt one could send a command to another system. `config` lists them instead. */
function refuseUnknown(environment: NodeJS.ProcessEnv): void {
  const lines = problemsOfNames(environment, consumerNames).map(({ name, problem }) => `${name}: ${problem}`);
  if (lines.length > 0) throw new Error(lines.join('\n'));
}
