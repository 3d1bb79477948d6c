import { createHash } from 'node:crypto';
import type { Clock } from '../../../consumers/runtime/system.ts';
import { PARTS, type PartName } from '../../infrastructure/template/plan.ts';
import { environmentOf, functionsOf, type Template } from '../../infrastructure/template/template.ts';
import { type Artifacts, bucketName, ensureBucket, upload, urlOf } from './bucket.ts';
import { BUNDLES, type BuildFunctions, type Bundle, bundlesOf, codeValues, uploadBundles } from './bundles.ts';
import { type ChangeSet, makeChangeSet, type TemplateAt } from './change-set.ts';
import { type EnvFile, envFiles } from './env.ts';
import { functionParameters } from './function-parameters.ts';
import { invokeMigrations } from './migrations.ts';
import { stackName } from './name.ts';
import { settingsOf, type Values } from './parameters.ts';
import { follow, lastEvent, type ResourceEvent } from './progress.ts';
import type { Services } from './services.ts';
import { DeployError, isNew, readStack, refuseObstacle, type StackState } from './stack.ts';

/** A deployment as the operator asks for it. */
export type DeployRequest = {
  stage: string;
  /** Null means the parts of the last deployment, or all parts at the first. */
  parts: readonly PartName[] | null;
  given: Values;
  /** Null means the bucket of the last deployment, or the default one of the account and region. */
  bucket: string | null;
  dryRun: boolean;
};

/** Services and callbacks that deploying needs. */
export type DeployDeps = {
  services: Services;
  clock: Clock;
  signal: AbortSignal;
  build: BuildFunctions;
  /** Makes the template of these parts. */
  templateFor: (parts: readonly PartName[]) => Template;
  /** Reports a finished step, one line each. */
  tell: (what: string, text: string) => void;
  onEvent: (event: ResourceEvent) => void;
  /** Shows the change set and asks for confirmation. */
  agree: (changes: ChangeSet) => Promise<boolean>;
};

/** The end of a deployment. `declined` changed nothing. */
export type Deployment = { ended: 'deployed' | 'no-changes' | 'declined'; stack: string; env: EnvFile[] };

/** Deploys the stack of a stage. Throws WrongParameters, DeployError, Unreachable. */
export async function deploy(wanted: DeployRequest, deploying: DeployDeps): Promise<Deployment> {
  const { cloudFormation, account } = deploying.services;
  const name = stackName(wanted.stage);
  const existing = await readStack(cloudFormation, name);
  refuseObstacle(existing, wanted.stage, deploying.services.flags);
  const parts = partsOf(wanted, existing);
  deploying.tell('stack', `${name} in ${account.id}, ${account.region}: ${parts.join(', ')}`);
  const template = deploying.templateFor(parts);
  const request = await prepare(wanted, deploying, { parts, template, previous: previousOf(existing) });
  const changes = await makeChangeSet({ client: cloudFormation, ...deploying }, { stack: name, existing, ...request });
  const end = changes === null ? 'no-changes' : await carryOut(changes, name, wanted, deploying);
  if (wanted.dryRun || end === 'declined') return { ended: end, stack: name, env: [] };
  const outputs = (await readStack(cloudFormation, name))?.outputs ?? {};
  await migrate(outputs, deploying);
  return { ended: end, stack: name, env: envFiles(environmentOf({ parts }), outputs) };
}

const PARTS_TAG = 'doorbell:parts';

/** Chooses the parts: those that were asked for, those of the last deployment, or all. */
function partsOf({ parts }: DeployRequest, existing: StackState | null): readonly PartName[] {
  if (parts !== null) return parts;
  const before = (existing?.tags[PARTS_TAG] ?? '').split(' ');
  const known = PARTS.filter((part) => before.includes(part));
  return known.length > 0 ? known : PARTS;
}

const previousOf = (stack: StackState | null): Values => (isNew(stack) ? {} : (stack?.parameters ?? {}));

type Preparing = { parts: readonly PartName[]; template: Template; previous: Values };

/** Builds and uploads what the change set refers to. */
async function prepare({ stage, given, bucket }: DeployRequest, deploying: DeployDeps, preparing: Preparing) {
  const { parts, template, previous } = preparing;
  const { s3, account, endpoint } = deploying.services;
  const artifacts = { s3, bucket: bucket ?? previous['CodeBucket'] ?? bucketName(account), account };
  const specs = functionsOf({ parts });
  const names = specs.map((spec) => spec.name);
  const settings = (bundles: readonly Pick<Bundle, 'name' | 'key'>[]) => {
    const own = { Stage: stage, ...codeValues(artifacts.bucket, bundles) };
    return settingsOf(template.Parameters, { own, given, previous }, functionParameters(specs));
  };
  // Checked first without code, so that a missing parameter is reported before anything is built.
  const named = names.map((name) => ({ name, key: '' }));
  settings(named);
  const bundles = names.length === 0 ? [] : await bundlesOf(deploying.build, BUNDLES, names);
  const text = JSON.stringify(template);
  const isLong = Buffer.byteLength(text) > LONGEST;
  if (isLong || bundles.length > 0) await fillBucket(artifacts, bundles, deploying);
  const at: TemplateAt = isLong
    ? { TemplateURL: urlOf(artifacts, await uploadTemplate(artifacts, text), endpoint) }
    : { TemplateBody: text };
  const Tags = [
    { Key: 'doorbell:stage', Value: stage },
    { Key: PARTS_TAG, Value: parts.join(' ') },
  ];
  return { template: at, Parameters: settings(bundles), Tags };
}

/** 51,200 bytes: CloudFormation takes no longer template in a request (AWS CloudFormation quotas). */
const LONGEST = 51_200;

async function uploadTemplate(artifacts: Artifacts, text: string): Promise<string> {
  const key = `templates/${createHash('sha256').update(text).digest('hex')}.json`;
  await upload(artifacts, key, text);
  return key;
}

async function fillBucket(artifacts: Artifacts, bundles: readonly Bundle[], { tell }: DeployDeps): Promise<void> {
  if ((await ensureBucket(artifacts)) === 'made') tell('bucket', `${artifacts.bucket} made`);
  const sent = await uploadBundles(artifacts, bundles);
  if (bundles.length > 0)
    tell('functions', `${bundles.length} built, ${sent} uploaded, ${bundles.length - sent} unchanged`);
}

/** Asks for confirmation, executes the change set and follows it. A change set that is not executed is dropped. */
async function carryOut(changes: ChangeSet, name: string, wanted: DeployRequest, deploying: DeployDeps) {
  const agreed = await agreedTo(changes, deploying).catch(async (error: unknown) => {
    await changes.drop();
    throw error;
  });
  if (!agreed || wanted.dryRun) {
    await changes.drop();
    return 'declined' as const;
  }
  const { cloudFormation: client, flags } = deploying.services;
  const since = await lastEvent({ client }, name);
  await changes.execute();
  const followed = { stack: name, stage: wanted.stage, flags, since };
  const stack = await follow({ client, ...deploying }, followed, deploying.onEvent);
  if (stack === null) throw new DeployError(`${name} was deleted by another process in the meantime. Deploy again.`);
  return 'deployed' as const;
}

/** Asks for confirmation. Ctrl-C counts as no, also with --yes. */
async function agreedTo(changes: ChangeSet, { agree, signal }: DeployDeps): Promise<boolean> {
  const agreed = await agree(changes);
  signal.throwIfAborted();
  return agreed;
}

async function migrate({ MigrateFunctionName }: Values, { services, tell }: DeployDeps): Promise<void> {
  if (MigrateFunctionName === undefined) return;
  const applied = await invokeMigrations(services.lambda, MigrateFunctionName);
  tell('database', applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`);
}
