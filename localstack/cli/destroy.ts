import { Command } from 'commander';
import { systemClock } from '../../consumers/runtime/system.ts';
import type { Farewell } from '../deploy/destroy.ts';
import { farewellText } from '../deploy/farewell-text.ts';
import { stackName } from '../deploy/name.ts';
import type { Services } from '../deploy/place.ts';
import { paint, terminal } from '../terminal.ts';
import { askPerson, demandConsent } from './ask-person.ts';
import { type PlaceOptions, readEndpoint, readRegion, readStage, wholePlace } from './aws-place.ts';
import { printHappening } from './deploy.ts';
import { exit, interruptible } from './running.ts';

type Options = PlaceOptions & {
  stage: string;
  yes?: boolean;
  dryRun?: boolean;
  withArtifacts?: boolean;
  bucket?: string;
};

/** `doorbell destroy`: deletes a stage's stack, after it has said what goes and what stays. */
export function destroyCommand(): Command {
  return new Command('destroy')
    .description('delete what deploy made of a stage; says what goes and what stays, and asks for its name')
    .requiredOption('--stage <name>', 'which system', readStage)
    .option('--with-artifacts', 'the bucket with bundles and templates, too: of all stages')
    .option('--bucket <name>', 'that bucket, if it is another than doorbell-artifacts-<account>-<region>')
    .option('--endpoint-url <url>', 'LocalStack or another stand-in, instead of AWS', readEndpoint)
    .option('--region <name>', 'the region, instead of AWS_REGION', readRegion)
    .option('--yes', 'do not ask')
    .option('--dry-run', 'only say what would go')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  demandConsent(command, options);
  const { client, endpoint } = wholePlace(options, process.env);
  const { openServices } = await import('../deploy/place.ts');
  const services = await openServices(client, endpoint);
  try {
    await destroyWith(services, options);
  } finally {
    services.close();
  }
}

async function destroyWith(services: Services, options: Options): Promise<void> {
  const { destroy, destroyArtifacts, findArtifacts, readFarewell } = await import('../deploy/destroy.ts');
  const signal = interruptible();
  const farewell = await readFarewell(options.stage, services);
  if (farewell === null) return noSuch(options, services);
  const artifacts = options.withArtifacts ? await findArtifacts(services, options.bucket ?? null) : null;
  const text = farewellText(farewell, artifacts?.bucket ?? null);
  if (options.dryRun) return terminal.line(text);
  terminal.error(text);
  if (farewell.protectedTables.length > 0) throw new Error(protectedText(farewell, services));
  if (!(await isSure(options, signal))) return terminal.error('Nothing was deleted.');
  await destroy(farewell, { services, clock: systemClock, signal, happened: printHappening });
  terminal.error(`${paint('green', '✔')} ${farewell.stack.name} is gone`);
  if (!options.withArtifacts) return;
  if (artifacts === null) return terminal.error('There is no bucket with bundles.');
  await destroyArtifacts(artifacts);
  terminal.error(`${paint('green', '✔')} the bucket with bundles is gone`);
}

function noSuch({ stage }: Options, { account }: Services): void {
  terminal.error(`${paint('red', '✖')} There is no stack ${stackName(stage)} in ${account.id}, ${account.region}.`);
  process.exitCode = exit.notFound;
}

/** A stack that can't be deployed to is told nothing by its parameters; its tables are. */
function protectedText({ stage, canBeChanged, protectedTables }: Farewell, { flags }: Services): string {
  const commands = canBeChanged
    ? [`npm run doorbell -- deploy --stage ${stage} --parameter DeletionProtection=false ${flags}`]
    : protectedTables.map(
        (table) => `aws dynamodb update-table --table-name ${table} --no-deletion-protection-enabled ${flags}`,
      );
  return `The tables refuse to be deleted. First:\n${commands.map((command) => `  ${command}`).join('\n')}`;
}

async function isSure({ stage, yes = false }: Options, signal: AbortSignal): Promise<boolean> {
  return yes || (await askPerson(`Type ${stage} to delete it: `, signal)) === stage;
}
