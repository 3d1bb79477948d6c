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

/** `doorbell deploy`: brings topic, queues, tables and functions of a stage to what this release says. */
export function deployCommand(): Command {
  return (
    new Command('deploy')
      .description('deploy topic, queues, tables and functions by CloudFormation; shows what changes, and asks')
      .option('--stage <name>', 'which system, where several share an account', readStage, 'doorbell')
      .option(
        '--only <parts>',
        `parts with commas between them: ${PARTS.join(', ')}; those of before if left out`,
        readParts,
      )
      .option('--parameter <name=value>', 'of the template, as often as needed; remembered', readParameter, {})
      .option('--bucket <name>', 'another bucket for bundles than doorbell-artifacts-<account>-<region>; remembered')
      .option('--endpoint-url <url>', 'LocalStack or another stand-in, instead of AWS', readEndpoint)
      .option('--region <name>', 'the region, instead of AWS_REGION', readRegion)
      // Not --env-file: Node takes that for its own wherever it stands, and ends if there is no such file yet.
      .option(
        '--write-env <path>',
        'write the outputs as <path>.publisher, <path>.display and so on; on stdout otherwise',
      )
      .option('--yes', 'do not ask')
      .option('--dry-run', 'show what would change and drop it; bundles and a long template are uploaded all the same')
      .action(run)
  );
}

/** Reads parts, with commas between them. */
function readParts(text: string): PartName[] {
  const names = text.split(',').map((name) => name.trim());
  const unknown = names.filter((name) => !PARTS.includes(name as PartName));
  if (unknown.length > 0) throw new InvalidArgumentError(`There are ${PARTS.join(', ')}.`);
  if (names.includes('functions') && names.length < PARTS.length)
    throw new InvalidArgumentError('Functions need their queues and tables: messaging,tables,functions.');
  return PARTS.filter((part) => names.includes(part));
}

function readParameter(text: string, before: Record<string, string>): Record<string, string> {
  const [, name, value] = /^([A-Za-z0-9]+)=(.*)$/s.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('It is Name=Value.');
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
  // Loaded only now: other commands need none of these clients.
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

/** What is done or has failed, a line each; what only began says nothing yet. */
export function printEvent({ resource, type, status, reason }: ResourceEvent): void {
  if (/_IN_PROGRESS$/.test(status)) return;
  const sign = /FAILED/.test(status) ? paint('red', '✖') : paint('green', '✔');
  terminal.error(`${sign} ${status.toLowerCase().replaceAll('_', ' ')}  ${resource}  ${type}  ${reason}`.trimEnd());
}

/** The outputs are the data; everything else goes to stderr. */
function print({ ended, stack, env }: Deployment, { dryRun = false, writeEnv: path }: Options): void {
  terminal.error(endText(stack, ended, dryRun));
  if (dryRun || ended === 'declined') return;
  if (path === undefined) terminal.line(envText(env));
  else for (const file of env) writeEnvOf(`${path}.${file.of}`, file);
}

function endText(stack: string, ended: Deployment['ended'], dryRun: boolean): string {
  if (dryRun) return `${stack}: ${ended === 'no-changes' ? 'nothing would change' : 'nothing was changed'} (--dry-run)`;
  if (ended === 'declined') return `${stack}: nothing was changed`;
  return `${paint('green', '✔')} ${stack} ${ended === 'no-changes' ? 'is deployed already: no changes (what somebody changed beside CloudFormation, the doctor sees)' : 'is deployed'}`;
}

/** Said before anything is deployed, and not after. */
function demandFolder(command: Command, path: string): void {
  const folder = dirname(path);
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    command.error(`error: --write-env ${path}: ${folder} can't be written to: ${(error as Error).message}`);
  }
}

/** 0600, also where the file was there before; what somebody added to it stays. */
function writeEnvOf(path: string, { text }: EnvFile): void {
  const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
  writeFileSync(path, `${renewedEnv(before, text)}\n`, { mode: 0o600 });
  chmodSync(path, 0o600);
  terminal.error(`${paint('green', '✔')} ${path}`);
}
