import { Command } from 'commander';
import { describeHold, type Hold, heldBy, resume } from '../../../consumers/runtime/refresh/hold.ts';
import { systemClock } from '../../../consumers/runtime/system.ts';
import type { HoldStore } from '../../../consumers/runtime/views/hold-store.ts';
import type { Environment } from '../../../contracts/environment/unknown.ts';
import { readVariables } from '../../start/variables.ts';
import { terminal } from '../../terminal.ts';
import { commandVariables } from '../variables.ts';
import { askYesNo, demandConsent } from './ask-person.ts';
import { refuseOther, unknownConsumer } from './find-system.ts';
import { findRunning, interruptible } from './running.ts';
import { tellStated } from './stated-address.ts';
import { openHold } from './views.ts';

type Options = { consumer: string; yes?: boolean; dryRun?: boolean };

/** Makes `doorbell resume`, which lets a consumer go on that holds because a mass of its views would be closed. */
export function resumeCommand(): Command {
  return new Command('resume')
    .description('let a consumer go on that holds, because too many of its views would be closed')
    .showHelpAfterError('Add --help for all commands and options.')
    .requiredOption('--consumer <name>', 'the consumer that holds')
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only show what is held')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  const { home } = command.optsWithGlobals<{ home: string }>();
  const holds = await openHold(viewsOf(home, process.env, options.consumer));
  try {
    const hold = await heldBy(holds);
    if (hold === null) return terminal.line(`${options.consumer} does not hold.`);
    terminal.line(tell(hold, options.consumer));
    if (options.dryRun) return;
    demandConsent(command, options);
    await letGoOn(holds, options);
  } finally {
    holds.close();
  }
}

async function letGoOn(holds: HoldStore, { consumer, yes }: Options): Promise<void> {
  const question = 'Is the source right? These views will be closed, if it still says so. Go on?';
  if (!yes && !(await askYesNo(question, interruptible()))) return terminal.line('Nothing was changed.');
  await resume(holds, systemClock.now());
  terminal.line(`${consumer} goes on within some seconds. For the next hour it does not hold again.`);
}

/** Says since when, why, and which views, so that a person can look at some of them. */
function tell(hold: Hold, consumer: string): string {
  const closed =
    hold.closed.length === 0 ? [] : [`Closed before it held, ${hold.closed.length} or more: ${hold.closed.join(', ')}`];
  return [
    `${consumer} holds since ${new Date(hold.since).toISOString()}: ${describeHold(hold, consumer)}`,
    `Not closed, among others: ${hold.ids.join(', ')}`,
    ...closed,
  ].join('\n');
}

/** Finds the views of a consumer: those of DOORBELL_VIEWS, or else of what runs in the folder. */
function viewsOf(home: string, environment: Environment, consumer: string): string {
  const { DOORBELL_CONSUMER, DOORBELL_VIEWS } = readVariables(commandVariables, 'hold', environment);
  refuseOther(DOORBELL_CONSUMER, consumer);
  if (DOORBELL_VIEWS !== undefined) {
    tellStated('DOORBELL_VIEWS', DOORBELL_VIEWS);
    return DOORBELL_VIEWS;
  }
  const { run } = findRunning(home);
  const place = run.consumers[consumer];
  if (place === undefined) throw new Error(unknownConsumer(run, consumer, 'DOORBELL_VIEWS to its views'));
  return place.views;
}
