import { accessSync, chmodSync, constants, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { systemClock } from '../../../consumers/runtime/system.ts';
import { PARTS, type PartName } from '../../infrastructure/template/plan.ts';
import { paint, terminal } from '../../terminal.ts';
import { changesText } from '../deploy/changes.ts';
import type { Deployment, DeployRequest } from '../deploy/deploy.ts';
import { type EnvFile, envText, placed, renewedEnv } from '../deploy/env.ts';
import { WrongParameters } from '../deploy/parameters.ts';
import type { ResourceEvent } from '../deploy/progress.ts';
import { askYesNo, demandConsent } from './ask-person.ts';
import { readEndpoint, readRegion, readStage, singleTarget, type TargetOptions } from './aws-target.ts';
import { interruptible } from './running.ts';

type Options = TargetOptions & {
  stage: string;
  only?: PartName[];
  parameter: Record<string, string>;
  bucket?: string;
  writeEnv?: string;
  yes?: boolean;
  dryRun?: boolean;
};

/**
 * Makes `doorbell deploy`, which brings topic, queues, tables and functions of a stage to the state of this release.
 */
export function deployCommand(): Command {
  return (
    new Command('deploy')
      .description('deploy topic, queues, tables and functions with CloudFormation; shows the changes and asks first')
      .option('--stage <name>', 'the system to deploy, if one account has several', readStage, 'doorbell')
      .option(
        '--only <parts>',
        `parts, separated by commas: ${PARTS.join(', ')} (default: the parts of the last deployment)`,
        readParts,
      )
      .option(
        '--parameter <name=value>',
        'a parameter of the template; may be repeated, and is remembered',
        readParameter,
        {},
      )
      .option('--bucket <name>', 'the bucket for bundles, if not doorbell-artifacts-<account>-<region>; remembered')
      .option('--endpoint-url <url>', 'use LocalStack or another stand-in instead of AWS', readEndpoint)
      .option('--region <name>', 'the region (default: AWS_REGION)', readRegion)
      // Not --env-file: Node reads an option of that name itself, and ends if the file does not exist yet.
      .option('--write-env <path>', 'write the outputs to <path>.publisher, <path>.display and so on (default: stdout)')
      .option('--yes', 'do not ask for confirmation')
      .option('--dry-run', 'show the changes without applying them; bundles and a long template are uploaded anyway')
      .action(run)
  );
}

/** Reads names of parts, separated by commas. */
function readParts(text: string): PartName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !PARTS.includes(name as PartName));
  if (unknown.length > 0) throw new InvalidArgumentError(`The parts are ${PARTS.join(', ')}.`);
  if (names.includes('functions') && names.length < PARTS.length)
    throw new InvalidArgumentError('Functions need their queues and tables. Give messaging,tables,functions.');
  return PARTS.filter((part) => names.includes(part));
}

function readParameter(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([A-Za-z0-9]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('Give Name=Value.');
  return { ...before, [name]: value };
}

async function run(options: Options, command: Command): Promise<void> {
  demandConsent(command, options);
  if (options.writeEnv !== undefined) demandFolder(command, options.writeEnv);
  const { only = null, parameter, bucket = null, dryRun = false, stage } = options;
  const wanted: DeployRequest = { stage, parts: only, given: parameter, bucket, dryRun };
  try {
    print(await deployTo(wanted, options), options);
  } catch (error) {
    if (error instanceof WrongParameters) command.error(`error: ${error.message}`);
    throw error;
  }
}

async function deployTo(wanted: DeployRequest, options: Options): Promise<Deployment> {
  const { client, endpoint } = singleTarget(options, process.env);
  // Loaded here and not above: other commands need none of these clients.
  const [{ openServices }, { deploy }, { templateOf }] = await Promise.all([
    import('../deploy/services.ts'),
    import('../deploy/deploy.ts'),
    import('../../infrastructure/template/template.ts'),
  ]);
  const services = await openServices(client, endpoint);
  const signal = interruptible();
  try {
    const deployment = await deploy(wanted, {
      services,
      clock: systemClock,
      signal,
      templateFor: (parts) => templateOf({ parts }),
      build: async (folder, names) =>
        (await import('../../infrastructure/functions/build.ts')).buildFunctions(folder, names),
      tell: (what, text) => terminal.error(`${paint('green', '✔')} ${what.padEnd(10)} ${text}`),
      onEvent: printEvent,
      async agree({ changes }) {
        const text = changesText(changes);
        if (wanted.dryRun) terminal.line(text);
        else terminal.error(text);
        return wanted.dryRun || options.yes || (await askYesNo('Deploy this?', signal));
      },
    });
    return { ...deployment, env: placed(deployment.env, endpoint) };
  } finally {
    services.close();
  }
}

/** Prints one line for a resource that is finished or has failed. A resource that has only begun prints nothing. */
export function printEvent({ resource, type, status, reason }: ResourceEvent): void {
  if (/_IN_PROGRESS$/.test(status)) return;
  const sign = /FAILED/.test(status) ? paint('red', '✖') : paint('green', '✔');
  terminal.error(`${sign} ${status.toLowerCase().replaceAll('_', ' ')}  ${resource}  ${type}  ${reason}`.trimEnd());
}

/** Prints how the deployment ended. Outputs go to stdout or to files, everything else to stderr. */
function print({ ended, stack, env }: Deployment, { dryRun = false, writeEnv: path }: Options): void {
  terminal.error(endText(stack, ended, dryRun));
  if (dryRun || ended === 'declined') return;
  if (path === undefined) terminal.line(envText(env));
  else for (const file of env) writeEnvOf(`${path}.${file.of}`, file);
}

function endText(stack: string, ended: Deployment['ended'], dryRun: boolean): string {
  if (dryRun) return `${stack}: ${ended === 'no-changes' ? 'nothing would change' : 'nothing was changed'} (--dry-run)`;
  if (ended === 'declined') return `${stack}: nothing was changed`;
  return `${paint('green', '✔')} ${stack} ${ended === 'no-changes' ? 'has no changes to deploy (npm run doorbell -- doctor finds changes made by hand)' : 'is deployed'}`;
}

/** Checks that the output files can be written, before anything is deployed. */
function demandFolder(command: Command, path: string): void {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    command.error(`error: --write-env ${path}: ${folder} can't be written to: ${(error as Error).message}`);
  }
}

/** Writes a file with mode 0600, also if it exists. Lines that an operator added to it stay. */
function writeEnvOf(path: string, { text }: EnvFile): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  writeFileSync(path, `${renewedEnv(before, text)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  terminal.error(`${paint('green', '✔')} ${path}`);
}
