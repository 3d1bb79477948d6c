#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { paint, terminal } from '../terminal.ts';
import { exitCodeOf } from './commands/exit-code.ts';
import { outboxCommand, unwatchCommand, watchCommand } from './commands/outbox.ts';
import { provisionCommand } from './commands/provision.ts';
import { relayCommand } from './commands/relay.ts';
import { interrupted } from './commands/running.ts';

/** Runs `npx doorbell …`: the commands for services outside this project. Errors go to stderr. */
const program = new Command('doorbell')
  .description('Zero-payload notifications: commands for the outbox of a service and its relay')
  .showHelpAfterError('Add --help for all commands and options.')
  .exitOverride();
for (const command of [provisionCommand(), outboxCommand(), watchCommand(), unwatchCommand(), relayCommand()])
  program.addCommand(command.exitOverride());

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error, interrupted());
  if (!(error instanceof CommanderError)) terminal.error(`${paint('red', '✖')} ${(error as Error).message}`);
}
