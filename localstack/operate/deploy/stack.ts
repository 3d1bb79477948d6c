import type { Parameter, Stack, Tag } from '../../infrastructure/aws/more.ts';
import { type CloudFormationClient, DescribeStacksCommand } from '../../infrastructure/aws/more.ts';
import type { Values } from './parameters.ts';

/** A stack as CloudFormation describes it. */
export type StackState = {
  id: string;
  name: string;
  status: string;
  parameters: Values;
  outputs: Values;
  tags: Values;
};

/** Thrown if deploying or destroying can't go on. The message says why, and what to do. */
export class DeployError extends Error {
  override name = 'DeployError';
}

/** Reads the stack of a name or an id; null if there is none. Throws DeployError where there is no CloudFormation. */
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
  'There is no CloudFormation at this endpoint. Use LocalStack or AWS: npm start makes its own topic and queues.';

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

/** Tells whether a stack holds nothing yet. REVIEW_IN_PROGRESS means that only a change set was made. */
export const isNew = (stack: StackState | null): boolean => stack === null || stack.status === 'REVIEW_IN_PROGRESS';

/** Refuses a stack that has the right name but was not made by Doorbell. Pure. Throws DeployError. */
export function refuseForeign({ name, status, parameters }: StackState, stage: string): void {
  // A stack with only a change set has no parameters yet, and holds nothing.
  if (status === 'REVIEW_IN_PROGRESS' || parameters.Stage === stage) return;
  throw new DeployError(
    `The stack ${name} is not a Doorbell stack of this stage: its parameter Stage is not ${stage}. ` +
      'Nothing was changed. Choose another --stage.',
  );
}

/** Tells whether a stack can be updated now. Any other must be deleted first, or still works. Pure. */
export const isDeployable = ({ status }: StackState): boolean =>
  /^(CREATE|UPDATE|IMPORT|UPDATE_ROLLBACK|IMPORT_ROLLBACK)_COMPLETE$/.test(status);

/** Refuses a stack that can't be updated. `flags` are the options that reach it. Pure. Throws DeployError. */
export function refuseObstacle(stack: StackState | null, stage: string, flags: string): void {
  if (stack === null || isNew(stack)) return;
  refuseForeign(stack, stage);
  const { name, status } = stack;
  const events = `aws cloudformation describe-stack-events --stack-name ${name} ${flags}`;
  if (/_IN_PROGRESS$/.test(status))
    throw new DeployError(`Another operation is changing ${name} (${status}). Wait until it ends: ${events}`);
  if (/^(ROLLBACK_COMPLETE|ROLLBACK_FAILED|CREATE_FAILED|DELETE_FAILED)$/.test(status))
    throw new DeployError(
      `${name} is ${status}: it is incomplete and can only be deleted: ` +
        `npm run doorbell -- destroy --stage ${stage} ${flags}. To see why: ${events}`,
    );
  if (status === 'UPDATE_ROLLBACK_FAILED')
    throw new DeployError(
      `${name} is UPDATE_ROLLBACK_FAILED. Correct what its events name (${events}), then run: aws cloudformation continue-update-rollback --stack-name ${name} ${flags}`,
    );
}
