import type { Clock } from '../../consumers/runtime/system.ts';
import { agreements } from '../../contracts/agreements/all.ts';
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  DeleteStackCommand,
  GetTemplateCommand,
  ListObjectVersionsCommand,
  ListStackResourcesCommand,
} from '../aws/more.ts';
import { readQueue } from '../doctor/read-queues.ts';
import { topologyOf } from '../topology.ts';
import { type Artifacts, bucketName, isThere } from './bucket.ts';
import { stackName } from './name.ts';
import type { Services } from './place.ts';
import { follow, type Happening, lastEvent } from './progress.ts';
import { InTheWay, readStack, type StackState } from './stack.ts';

/** What goes with a stage, and what stays. */
export type Farewell = {
  stack: StackState;
  /** Ids and types of what is deleted. */
  gone: { id: string; type: string }[];
  /** What CloudFormation leaves where it is. */
  kept: { id: string; type: string }[];
  /** Queues that are not empty. */
  messages: { queue: string; count: number }[];
  /** Whether tables refuse to go. */
  isProtected: boolean;
};

export type Destroying = {
  services: Services;
  clock: Clock;
  signal: AbortSignal;
  happened: (happening: Happening) => void;
};

/** Reads what destroying a stage would do; null where there is nothing. Changes nothing. */
export async function readFarewell(stage: string, services: Services): Promise<Farewell | null> {
  const { cloudFormation } = services;
  const stack = await readStack(cloudFormation, stackName(stage));
  if (stack === null) return null;
  const [resources, keeps, messages] = await Promise.all([
    listResources(services, stack.name),
    readKept(services, stack.name),
    countMessages(stage, services),
  ]);
  return {
    stack,
    gone: resources.filter(({ id }) => !keeps.has(id)),
    kept: resources.filter(({ id }) => keeps.has(id)),
    messages,
    isProtected:
      stack.parameters.DeletionProtection === 'true' && resources.some(({ type }) => type === 'AWS::DynamoDB::Table'),
  };
}

async function listResources({ cloudFormation }: Services, StackName: string) {
  const found: { id: string; type: string }[] = [];
  let NextToken: string | undefined;
  do {
    const page = await cloudFormation.send(new ListStackResourcesCommand({ StackName, NextToken }));
    for (const { LogicalResourceId: id = '', ResourceType: type = '', ResourceStatus } of page.StackResourceSummaries ??
      [])
      if (ResourceStatus !== 'DELETE_COMPLETE') found.push({ id, type });
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return found;
}

/** The template was sent as JSON; one that somebody else deployed may be anything, and then nothing is known to stay. */
async function readKept({ cloudFormation }: Services, StackName: string): Promise<ReadonlySet<string>> {
  try {
    const { TemplateBody = '{}' } = await cloudFormation.send(new GetTemplateCommand({ StackName }));
    const { Resources = {} } = JSON.parse(TemplateBody) as { Resources?: Record<string, { DeletionPolicy?: string }> };
    return new Set(Object.keys(Resources).filter((id) => /^Retain/.test(Resources[id]?.DeletionPolicy ?? '')));
  } catch {
    return new Set();
  }
}

async function countMessages(stage: string, { sqs }: Services): Promise<Farewell['messages']> {
  const places = topologyOf(agreements, stage).consumers;
  const names = places.flatMap(({ queue, deadLetterQueue, undeliveredQueue }) =>
    [queue, deadLetterQueue, undeliveredQueue].map(({ name }) => name),
  );
  const counted = await Promise.all(
    names.map(async (queue) => {
      const read = await readQueue(sqs, queue);
      return { queue, count: 'value' in read ? (read.value?.messages ?? 0) : 0 };
    }),
  );
  return counted.filter(({ count }) => count > 0);
}

/** Deletes the stack and follows it to its end. Throws InTheWay where something refuses to go. */
export async function destroy({ stack }: Farewell, { services, clock, signal, happened }: Destroying): Promise<void> {
  const { cloudFormation: client } = services;
  const since = await lastEvent({ client }, stack.id);
  await client.send(new DeleteStackCommand({ StackName: stack.id }));
  await follow({ client, clock, signal }, stack.id, since, happened);
}

/** Deletes the bucket with all bundles and templates, every version of them. False where there is none. */
export async function destroyArtifacts({ s3, account }: Services, bucket: string | null): Promise<boolean> {
  const artifacts: Artifacts = { s3, account, bucket: bucket ?? bucketName(account) };
  if (!(await isThere(artifacts))) return false;
  const { bucket: Bucket } = artifacts;
  for (;;) {
    const { Versions = [], DeleteMarkers = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket }));
    const Objects = [...Versions, ...DeleteMarkers].map(({ Key, VersionId }) => ({ Key, VersionId }));
    if (Objects.length === 0) break;
    const { Errors = [] } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    if (Errors[0] !== undefined)
      throw new InTheWay(`${Bucket}: ${Errors[0].Key} can't be deleted: ${Errors[0].Message}`);
  }
  await s3.send(new DeleteBucketCommand({ Bucket }));
  return true;
}
