import type { Clock } from '../../../consumers/runtime/system.ts';
import {
  type CloudFormationClient,
  CreateChangeSetCommand,
  type CreateChangeSetCommandInput,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  ExecuteChangeSetCommand,
} from '../../infrastructure/aws/more.ts';
import { changesOf, type ResourceChange, type StackChange } from './changes.ts';
import { DeployError, isNew, readStack, type StackState } from './stack.ts';

/** The template itself, or its URL in a bucket if it is too long for a request. */
export type TemplateAt = { TemplateBody: string } | { TemplateURL: string };

/** The content of a new change set. */
export type ChangeSetRequest = Pick<CreateChangeSetCommandInput, 'Parameters' | 'Tags'> & {
  stack: string;
  existing: StackState | null;
  template: TemplateAt;
};

/** A change set that can be executed or dropped. */
export type ChangeSet = {
  name: string;
  changes: StackChange[];
  execute: () => Promise<void>;
  drop: () => Promise<void>;
};

/** Client, clock and signal for calls to CloudFormation. */
export type StackDeps = { client: CloudFormationClient; clock: Clock; signal: AbortSignal };

/** Milliseconds between two polls of a change set. */
const POLL = 1_000;

/** Makes a change set and waits for its list of changes. Returns null if nothing changes. Throws DeployError. */
export async function makeChangeSet(asking: StackDeps, request: ChangeSetRequest): Promise<ChangeSet | null> {
  const { client, clock } = asking;
  const { stack: StackName, existing, template, ...rest } = request;
  const ChangeSetName = `deploy-${clock.now()}`;
  const which = { StackName, ChangeSetName };
  await client.send(
    new CreateChangeSetCommand({
      ...which,
      ...template,
      ...rest,
      ChangeSetType: isNew(existing) ? 'CREATE' : 'UPDATE',
      // The roles of functions, and the SAM transform.
      Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_AUTO_EXPAND'],
    }),
  );
  const drop = () => dropChangeSet(client, which, existing);
  const read = await readChangeSet(asking, which).catch(async (error: unknown) => {
    await drop().catch(() => undefined);
    throw error;
  });
  if (read === null) {
    await drop();
    return null;
  }
  const execute = async () => {
    await client.send(new ExecuteChangeSetCommand({ ...which, ClientRequestToken: ChangeSetName }));
  };
  return { name: ChangeSetName, changes: changesOf(read), execute, drop };
}

type Which = { StackName: string; ChangeSetName: string };

/** Deletes a change set, and the empty stack that it made. A stack that was deployed in the meantime stays. */
async function dropChangeSet(client: CloudFormationClient, which: Which, existing: StackState | null): Promise<void> {
  await client.send(new DeleteChangeSetCommand(which));
  if (existing !== null) return;
  const now = await readStack(client, which.StackName);
  if (now !== null && isNew(now)) await client.send(new DeleteStackCommand({ StackName: now.id }));
}

/** The reasons that CloudFormation gives if there is nothing to change. It calls that a failure. */
const NOTHING = /didn't contain changes|No updates are to be performed/;

async function readChangeSet({ client, clock, signal }: StackDeps, which: Which): Promise<ResourceChange[] | null> {
  const changes: ResourceChange[] = [];
  for (;;) {
    signal.throwIfAborted();
    const page = await client.send(new DescribeChangeSetCommand(which));
    if (/FAILED$/.test(page.Status ?? '')) {
      if (NOTHING.test(page.StatusReason ?? '')) return null;
      throw new DeployError(`CloudFormation refuses the template: ${page.StatusReason}`);
    }
    if (page.Status === 'CREATE_COMPLETE') break;
    await clock.sleep(POLL, signal);
  }
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeChangeSetCommand({ ...which, NextToken }));
    changes.push(...(page.Changes ?? []).flatMap(({ ResourceChange }) => ResourceChange ?? []));
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return changes;
}
