import type { Clock } from '../../../consumers/runtime/system.ts';
import { ask, readValue } from '../../infrastructure/aws/ask.ts';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  DeleteStackCommand,
  DescribeTableCommand,
  GetTemplateCommand,
  ListObjectVersionsCommand,
  ListStackResourcesCommand,
} from '../../infrastructure/aws/more.ts';
import { shopTopologyOf } from '../../infrastructure/shop-topology.ts';
import { readQueue } from '../doctor/read-queues.ts';
import { type Artifacts, bucketName, isThere } from './bucket.ts';
import { stackName } from './name.ts';
import { follow, lastEvent, type ResourceEvent } from './progress.ts';
import type { Services } from './services.ts';
import { DeployError, isDeployable, readStack, refuseForeign, type StackState } from './stack.ts';

/** The effects of destroying a stage: what goes and what stays. */
export type DestroyPlan = {
  stage: string;
  stack: StackState;
  /** Resources that are deleted. */
  gone: { id: string; type: string }[];
  /** Resources that CloudFormation keeps. */
  kept: { id: string; type: string }[];
  /** Queues that hold messages. `count` is null if it could not be read. */
  messages: { queue: string; count: number | null }[];
  /** Names of tables that are protected against deletion. */
  protectedTables: string[];
  /** True if the stack can still be deployed to. */
  canBeChanged: boolean;
};

/** Services and callbacks that destroying needs. */
export type DestroyDeps = {
  services: Services;
  clock: Clock;
  signal: AbortSignal;
  onEvent: (event: ResourceEvent) => void;
};

/** Reads the effects of destroying a stage. Returns null if it has no stack. Changes nothing. Throws DeployError. */
export async function readDestroyPlan(stage: string, services: Services): Promise<DestroyPlan | null> {
  const { cloudFormation } = services;
  const stack = await readStack(cloudFormation, stackName(stage));
  if (stack === null) return null;
  refuseForeign(stack, stage);
  const [resources, keeps, messages] = await Promise.all([
    listResources(services, stack.name),
    readKept(services, stack.name),
    countMessages(stage, services),
  ]);
  return {
    stage,
    stack,
    gone: resources.filter(({ id }) => !keeps.has(id)),
    kept: resources.filter(({ id }) => keeps.has(id)),
    messages,
    protectedTables: await readProtected(resources, stack, services),
    canBeChanged: isDeployable(stack),
  };
}

type Resource = { id: string; type: string; name: string };

/** Lists protected tables. Reads the tables and not the stack: a protection may have been changed or never applied. */
async function readProtected(resources: readonly Resource[], { parameters }: StackState, { dynamo }: Services) {
  const tables = resources.filter(({ type, name }) => type === 'AWS::DynamoDB::Table' && name !== '');
  const refusing = tables.map(async ({ name }) => {
    const describing = dynamo.send(new DescribeTableCommand({ TableName: name }));
    const read = await ask(describing, { absent: ['ResourceNotFoundException'] });
    if ('value' in read && read.value === null) return [];
    const said = readValue(read)?.Table?.DeletionProtectionEnabled;
    return (said ?? parameters.DeletionProtection === 'true') ? [name] : [];
  });
  return (await Promise.all(refusing)).flat();
}

async function listResources({ cloudFormation }: Services, StackName: string): Promise<Resource[]> {
  const found: Resource[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.send(new ListStackResourcesCommand({ StackName, NextToken }));
    for (const { LogicalResourceId: id = '', ResourceType: type = '', ...rest } of page.StackResourceSummaries ?? [])
      if (rest.ResourceStatus !== 'DELETE_COMPLETE') found.push({ id, type, name: rest.PhysicalResourceId ?? '' });
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}

/** Lists the resources with DeletionPolicy Retain. Our template is JSON; for another one the list is empty. */
async function readKept({ cloudFormation }: Services, StackName: string): Promise<ReadonlySet<string>> {
  try {
    const { TemplateBody = '{}' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
    const { Resources = {} } = JSON.parse(TemplateBody) as { Resources?: Record<string, { DeletionPolicy?: string }> };
    return new Set(Object.keys(Resources).filter((id) => /^Retain/.test(Resources[id]?.DeletionPolicy ?? '')));
  } catch {
    return new Set();
  }
}

async function countMessages(stage: string, { sqs }: Services): Promise<DestroyPlan['messages']> {
  const places = shopTopologyOf(stage).consumers;
  const names = places.flatMap(({ queue, deadLetterQueue, undeliveredQueue }) =>
    [queue, deadLetterQueue, undeliveredQueue].map(({ name }) => name),
  );
  const counted = await Promise.all(
    names.map(async (queue) => {
      const read = await readQueue(sqs, queue);
      return { queue, count: 'value' in read ? (read.value?.messages ?? 0) : null };
    }),
  );
  return counted.filter(({ count }) => count !== 0);
}

/** Deletes the stack and follows it to its end. Throws DeployError if a resource can't be deleted. */
export async function destroy(
  { stack, stage }: DestroyPlan,
  { services, clock, signal, onEvent }: DestroyDeps,
): Promise<void> {
  const { cloudFormation: client } = services;
  const since = await lastEvent({ client }, stack.id);
  await client.send(new DeleteStackCommand({ StackName: stack.id }));
  const { flags } = services;
  await follow({ client, clock, signal }, { stack: stack.id, stage, flags, since }, onEvent);
}

/** Keys of the objects that deploying uploads. */
const OURS = /^(functions\/[^/]+\/[0-9a-f]{64}\.zip|templates\/[0-9a-f]{64}\.json)$/;

/** Finds the bucket with bundles and templates; null if there is none. Throws DeployError if it holds other objects. */
export async function findArtifacts({ s3, account }: Services, bucket: string | null): Promise<Artifacts | null> {
  const artifacts: Artifacts = { s3, account, bucket: bucket ?? bucketName(account) };
  if (!(await isThere(artifacts))) return null;
  let KeyMarker: string | undefined;
  let VersionIdMarker: string | undefined;
  do {
    const page = await s3.send(new ListObjectVersionsCommand({ Bucket: artifacts.bucket, KeyMarker, VersionIdMarker }));
    const foreign = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].find(({ Key = '' }) => !OURS.test(Key));
    if (foreign !== undefined)
      throw new DeployError(
        `The bucket ${artifacts.bucket} also holds other objects (${foreign.Key}). Nothing was deleted. ` +
          'Destroy without --with-artifacts, and delete by hand the objects that are not needed.',
      );
    ({ NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = page.IsTruncated ? page : {});
  } while (KeyMarker !== undefined);
  return artifacts;
}

/** Deletes the bucket with every version of all bundles and templates. */
export async function destroyArtifacts({ s3, bucket: Bucket }: Artifacts): Promise<void> {
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (Errors[0] !== undefined)
      throw new DeployError(`${Bucket}: ${Errors[0].Key} can't be deleted: ${Errors[0].Message}`);
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
}
