import { Command } from 'commander';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { paint, terminal } from '../../terminal.ts';
import type { Artifacts } from '../deploy/bucket.ts';
import type { DestroyPlan } from '../deploy/destroy.ts';
import { bucketText, destroyText } from '../deploy/destroy-text.ts';
import { stackName } from '../deploy/name.ts';
import type { Services } from '../deploy/services.ts';
import { askPerson, demandConsent } from './ask-person.ts';
import { readEndpoint, readRegion, readStage, singleTarget, type TargetOptions } from './aws-target.ts';
import { printEvent } from './deploy.ts';
import { exit, interruptible } from './running.ts';

type Options = TargetOptions & {
  stage: string;
  yes?: boolean;
  dryRun?: boolean;
  withArtifacts?: boolean;
  bucket?: string;
};

/** Makes `doorbell destroy`, which deletes the stack of a stage after it has shown what goes and what stays. */
export function destroyCommand(): Command {
  return new Command('destroy')
    .description('delete what deploy made for a stage; shows what goes and what stays, and asks first')
    .requiredOption('--stage <name>', 'the system to delete', readStage)
    .option('--with-artifacts', 'also delete the bucket with the bundles and templates of all stages')
    .option('--bucket <name>', 'the name of that bucket, if not doorbell-artifacts-<account>-<region>')
    .option('--endpoint-url <url>', 'use LocalStack or another stand-in instead of AWS', readEndpoint)
    .option('--region <name>', 'the region (default: AWS_REGION)', readRegion)
    .option('--yes', 'do not ask for confirmation')
    .option('--dry-run', 'only show what would be deleted')
    .action(run);
}

async function run(options: Options, command: Command): Promise<void> {
  demandConsent(command, options);
  const { client, endpoint } = singleTarget(options, process.env);
  const { openServices } = await import('../deploy/services.ts');
  const services = await openServices(client, endpoint);
  try {
    await destroyWith(services, options);
  } finally {
    services.close();
  }
}

async function destroyWith(services: Services, options: Options): Promise<void> {
  const { destroy, findArtifacts, readDestroyPlan } = await import('../deploy/destroy.ts');
  const plan = await readDestroyPlan(options.stage, services);
  const bucket = options.bucket ?? plan?.stack.parameters['CodeBucket'] ?? null;
  const artifacts = options.withArtifacts ? await findArtifacts(services, bucket) : null;
  if (plan === null) return destroyRest(artifacts, services, options);
  const text = destroyText(plan, artifacts?.bucket ?? null);
  if (options.dryRun) return terminal.line(text);
  terminal.error(text);
  if (plan.protectedTables.length > 0) throw new Error(protectedText(plan, services));
  if (!(await isSure(options))) return;
  await destroy(plan, { services, clock: systemClock, signal: interruptible(), onEvent: printEvent });
  terminal.error(`${paint('green', '✔')} ${plan.stack.name} is deleted`);
  if (options.withArtifacts) await destroyBucket(artifacts);
}

/** Deletes the bucket where there is no stack: the stack may have been deleted elsewhere, or in an earlier run. */
async function destroyRest(artifacts: Artifacts | null, { account }: Services, options: Options): Promise<void> {
  terminal.error(
    `${paint('red', '✖')} There is no stack ${stackName(options.stage)} in ${account.id}, ${account.region}.`,
  );
  if (artifacts === null) process.exitCode = exit.notFound;
  else if (options.dryRun) terminal.line(bucketText(artifacts.bucket));
  else {
    terminal.error(bucketText(artifacts.bucket));
    if (await isSure(options)) await destroyBucket(artifacts);
  }
}

async function destroyBucket(artifacts: Artifacts | null): Promise<void> {
  if (artifacts === null) return terminal.error('There is no bucket with bundles to delete.');
  const { destroyArtifacts } = await import('../deploy/destroy.ts');
  await destroyArtifacts(artifacts);
  terminal.error(`${paint('green', '✔')} the bucket with the bundles is deleted`);
}

/** Says how to take the protection from tables: by a deployment, or table by table where the stack can't be changed. */
function protectedText({ stage, canBeChanged, protectedTables }: DestroyPlan, { flags }: Services): string {
  const commands = canBeChanged
    ? [`npm run doorbell -- deploy --stage ${stage} --parameter DeletionProtection=false ${flags}`]
    : protectedTables.map(
        (table) => `aws dynamodb update-table --table-name ${table} --no-deletion-protection-enabled ${flags}`,
      );
  return `The tables are protected against deletion. Remove the protection first:\n${commands.map((command) => `  ${command}`).join('\n')}`;
}

async function isSure({ stage, yes = false }: Options): Promise<boolean> {
  const sure = yes || (await askPerson(`Type ${stage} to delete it: `, interruptible())) === stage;
  if (!sure) terminal.error('Nothing was deleted.');
  return sure;
}
