import { DescribeStackEventsCommand, type StackEvent } from '../../infrastructure/aws/more.ts';
import type { StackDeps } from './change-set.ts';
import { DeployError, readStack, type StackState } from './stack.ts';

/** Something that onEvent to a resource, or to the stack itself. */
export type ResourceEvent = { id: string; resource: string; type: string; status: string; reason: string };

/** The newest event there is: what comes after it belongs to what is begun now. */
export async function lastEvent({ client }: Pick<StackDeps, 'client'>, stack: string): Promise<string | null> {
  const { StackEvents = [] } = await client.send(new DescribeStackEventsCommand({ StackName: stack }));
  return StackEvents[0]?.EventId ?? null;
}

/** Milliseconds between two looks. */
const POLL = 1_500;

/** Which stack, by its name or id, and what a command needs to reach it; `since` is the last event of before. */
export type Followed = { stack: string; stage: string; flags: string; since: string | null };

/**
 * Follows a stack until what was begun has ended, and tells what happens. Gives back the stack, or null where it is gone.
 * Throws DeployError with the first cause where it failed, and Error where nobody can or wants to look any more.
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
 * Right after the start the stack may still be said to be as it was. Its end is an event of its own; and the stack is read
 * before its events, so the last of them are among those that were seen.
 */
function hasEnded(now: StackState | null, seen: readonly ResourceEvent[]): boolean {
  if (now === null || now.status === 'DELETE_COMPLETE') return true;
  if (/_IN_PROGRESS$/.test(now.status)) return false;
  return seen.some(({ type, status }) => type === STACK && status === now.status);
}

const STACK = 'AWS::CloudFormation::Stack';

/** Whoever presses Ctrl-C, or is cut off, stops looking; nobody stops CloudFormation so. */
const stillGoing = (followed: Followed) =>
  `CloudFormation goes on without anybody looking. How far it is: ${eventsCommand(followed)}`;

const eventsCommand = ({ stack, flags }: Followed) =>
  `aws cloudformation describe-stack-events --stack-name ${stack} ${flags}`;

/** Events that are new, the oldest first. They come the newest first, page by page. */
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
  const what = cause === null ? 'its events say why' : `${cause.resource} (${cause.type}): ${cause.reason}`;
  throw new DeployError(`${now.name || followed.stack} is ${now.status}. ${what}\n${adviceOn(now, followed)}`);
}

/** What failed first. What CloudFormation cancelled because of it, and what failed for a resource's sake, is no cause. Pure. */
export function firstCause(events: readonly ResourceEvent[]): ResourceEvent | null {
  const failed = events.filter(
    ({ status, type, reason }) => /_FAILED$/.test(status) && type !== STACK && !/cancelled/i.test(reason),
  );
  return failed[0] ?? null;
}

function adviceOn({ status }: StackState, followed: Followed): string {
  const destroy = `npm run doorbell -- destroy --stage ${followed.stage} ${followed.flags}`;
  if (status === 'ROLLBACK_COMPLETE')
    return `Nothing stands. Mend the cause, delete what is left (${destroy}) and deploy again.`;
  if (status === 'ROLLBACK_FAILED')
    return `Something stands that could not be taken back. Mend the cause, delete what is left (${destroy}) and deploy again.`;
  if (status === 'UPDATE_ROLLBACK_COMPLETE') return 'Everything is as it was before. Mend the cause and deploy again.';
  if (status === 'DELETE_FAILED') return 'Mend the cause and destroy again.';
  return `Mend the cause; the stack waits for somebody: ${eventsCommand(followed)} shows it.`;
}
