import { DescribeStackEventsCommand, type StackEvent } from '../../infrastructure/aws/more.ts';
import type { StackDeps } from './change-set.ts';
import { DeployError, readStack, type StackState } from './stack.ts';

/** An event of a resource, or of the stack itself. */
export type ResourceEvent = { id: string; resource: string; type: string; status: string; reason: string };

/** Reads the id of the newest event. Later events belong to the operation that starts now. */
export async function lastEvent({ client }: Pick<StackDeps, 'client'>, stack: string): Promise<string | null> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: stack }));
  return StackEvents[0]?.EventId ?? null;
}

/** Milliseconds between two polls of a stack. */
const POLL = 1_500;

/** The stack to follow, by name or id, with options that reach it. `since` is the last event before the operation. */
export type Followed = { stack: string; stage: string; flags: string; since: string | null };

/**
 * Follows a stack until its operation has ended, and reports each event. Returns the stack, or null if it is deleted.
 * Throws DeployError with the first cause if the operation failed, and Error if the stack can't be read or Ctrl-C was
 * pressed.
 */
export async function follow(
  asking: StackDeps,
  followed: Followed,
  tell: (event: ResourceEvent) => void,
): Promise<StackState | null> {
  const seen: ResourceEvent[] = [];
  for (;;) {
    const now = await lookAgain(asking, followed, seen, tell).catch((error: Error) => {
      throw error instanceof DeployError
        ? error
        : new Error(`${error.message}. ${stillGoing(followed)}`, { cause: error });
    });
    if (hasEnded(now, seen)) return ended(now, followed, seen);
    await asking.clock.sleep(POLL, asking.signal);
    if (asking.signal.aborted) throw new Error(stillGoing(followed), { cause: asking.signal.reason });
  }
}

async function lookAgain(
  asking: StackDeps,
  { stack, since }: Followed,
  seen: ResourceEvent[],
  tell: (event: ResourceEvent) => void,
): Promise<StackState | null> {
  const now = await readStack(asking.client, stack);
  if (now === null) return null;
  const news = await eventsSince(asking, stack, since, new Set(seen.map(({ id }) => id)));
  for (const event of news) tell(event);
  seen.push(...news);
  return now;
}

/**
 * Tells whether the operation has ended. Right after the start the stack may still have its old status, so an event
 * with the same status must have been seen. The stack is read before its events, so its last event is not missed.
 */
function hasEnded(now: StackState | null, seen: readonly ResourceEvent[]): boolean {
  if (now === null || now.status === 'DELETE_COMPLETE') return true;
  if (/_IN_PROGRESS$/.test(now.status)) return false;
  return seen.some(({ type, status }) => type === STACK && status === now.status);
}

const STACK = 'AWS::CloudFormation::Stack';

/** Says that CloudFormation goes on: Ctrl-C or a lost connection ends only the watching. */
const stillGoing = (followed: Followed) =>
  `CloudFormation goes on by itself. To see how far it is: ${eventsCommand(followed)}`;

const eventsCommand = ({ stack, flags }: Followed) =>
  `aws cloudformation describe-stack-events --stack-name ${stack} ${flags}`;

/** Reads new events, the oldest first. The service sends the newest first, page by page. */
async function eventsSince(
  { client }: StackDeps,
  stack: string,
  since: string | null,
  seen: ReadonlySet<string>,
): Promise<ResourceEvent[]> {
  const news: ResourceEvent[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new DescribeStackEventsCommand({ StackName: stack, NextToken }));
    for (const event of page.StackEvents ?? []) {
      if (event.EventId === since) return news.reverse();
      if (!seen.has(event.EventId ?? '')) news.push(toResourceEvent(event));
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined && NextToken !== '');
  return news.reverse();
}

function toResourceEvent(event: StackEvent): ResourceEvent {
  const { EventId = '', LogicalResourceId = '', ResourceType = '', ResourceStatus = '' } = event;
  const reason = event.ResourceStatusReason ?? '';
  return { id: EventId, resource: LogicalResourceId, type: ResourceType, status: ResourceStatus, reason };
}

const GOOD = /^(CREATE|UPDATE|DELETE|IMPORT)_COMPLETE$/;

function ended(now: StackState | null, followed: Followed, seen: readonly ResourceEvent[]): StackState | null {
  if (now === null || GOOD.test(now.status)) return now;
  const cause = firstCause(seen);
  const what = cause === null ? 'Its events give the reason.' : `${cause.resource} (${cause.type}): ${cause.reason}`;
  throw new DeployError(`${now.name || followed.stack} is ${now.status}. ${what}\n${adviceOn(now, followed)}`);
}

/** Finds the first failure. Resources that CloudFormation cancelled, and the stack itself, are no cause. Pure. */
export function firstCause(events: readonly ResourceEvent[]): ResourceEvent | null {
  const failed = events.filter(
    ({ status, type, reason }) => /_FAILED$/.test(status) && type !== STACK && !/cancelled/i.test(reason),
  );
  return failed[0] ?? null;
}

function adviceOn({ status }: StackState, followed: Followed): string {
  const destroy = `npm run doorbell -- destroy --stage ${followed.stage} ${followed.flags}`;
  if (status === 'ROLLBACK_COMPLETE')
    return `Nothing is deployed. Correct the cause, delete the rest (${destroy}) and deploy again.`;
  if (status === 'ROLLBACK_FAILED')
    return `Some resources could not be removed. Correct the cause, delete the rest (${destroy}) and deploy again.`;
  if (status === 'UPDATE_ROLLBACK_COMPLETE')
    return 'Everything is as it was before. Correct the cause and deploy again.';
  if (status === 'DELETE_FAILED') return 'Correct the cause and destroy again.';
  return `The stack waits for an operator. Find the cause (${eventsCommand(followed)}) and correct it.`;
}
