import type { Parameter, Stack, Tag } from '../../infrastructure/aws/more.ts';
import { type CloudFormationClient, DescribeStacksCommand } from '../../infrastructure/aws/more.ts';
import type { Values } from './parameters.ts';

/** A stack as it stands. */
export type StackState = {
  id: string;
  name: string;
  status: string;
  parameters: Values;
  outputs: Values;
  tags: Values;
};

/** Something stands in the way of a deployment; the message says what, and what to do. */
export class DeployError extends Error {
  override name = 'DeployError';
}

/** The stack of a name or an id; null where there is none. */
export async function readStack(client: CloudFormationClient, name: string): Promise<StackState | null> {
  try {
    const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
    return Stacks?.[0] === undefined ? null : toState(Stacks[0]);
  } catch (error) {
    if (/does not exist/.test((error as Error).message)) return null;
    if (/^(InvalidAction|SyntaxError)$/.test((error as Error).name)) throw new DeployError(NO_CLOUDFORMATION);
    throw error;
  }
}

const NO_CLOUDFORMATION =
  'There is no CloudFormation at this endpoint. What npm start runs makes its own topic and queues; LocalStack and AWS have it.';

function toState({ StackId, StackName, StackStatus, Parameters = [], Outputs = [], Tags = [] }: Stack): StackState {
  const byKey = (pairs: [string | undefined, string | undefined][]) =>
    Object.fromEntries(pairs.map(([key = '', value = '']) => [key, value]));
  return {
    id: StackId ?? '',
    name: StackName ?? '',
    status: StackStatus ?? '',
    parameters: byKey(Parameters.map(({ ParameterKey, ParameterValue }: Parameter) => [ParameterKey, ParameterValue])),
    outputs: byKey(Outputs.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue])),
    tags: byKey(Tags.map(({ Key, Value }: Tag) => [Key, Value])),
  };
}

/** REVIEW_IN_PROGRESS is a stack of which only a change set was ever made. */
export const isNew = (stack: StackState | null): boolean => stack === null || stack.status === 'REVIEW_IN_PROGRESS';

/** Refuses a stack that only has the name of one of ours. Pure. Throws DeployError. */
export function refuseForeign({ name, status, parameters }: StackState, stage: string): void {
  // Of which only a change set was ever made says no parameters yet; there is nothing in it, either.
  if (status === 'REVIEW_IN_PROGRESS' || parameters.Stage === stage) return;
  throw new DeployError(
    `${name} is somebody else's stack: it has no parameter Stage that is ${stage}. Nothing was changed; choose another --stage.`,
  );
}

/** Whether a stack can be changed as it stands; any other must be deleted, or waited for. Pure. */
export const isDeployable = ({ status }: StackState): boolean =>
  /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/.test(status);

/** Refuses what a stack can't be deployed from; `flags` are what a command needs to reach the same place. Pure. Throws DeployError. */
export function refuseObstacle(stack: StackState | null, stage: string, flags: string): void {
  if (stack === null || isNew(stack)) return;
  refuseForeign(stack, stage);
  const { name, status } = stack;
  const events = `aws cloudformation describe-stack-events --stack-name ${name} ${flags}`;
  if (/_IN_PROGRESS$/.test(status))
    throw new DeployError(`Another operation is changing ${name} (${status}). Wait for its end: ${events}`);
  if (/^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/.test(status))
    throw new DeployError(
      `${name} is ${status}: it never stood, or is half gone, and can only be deleted: npm run doorbell -- destroy --stage ${stage} ${flags}. Why: ${events}`,
    );
  if (status === 'UPDATE_ROLLBACK_FAILED')
    throw new DeployError(
      `${name} is UPDATE_ROLLBACK_FAILED. Mend what its events name (${events}), then: aws cloudformation continue-update-rollback --stack-name ${name} ${flags}`,
    );
}
