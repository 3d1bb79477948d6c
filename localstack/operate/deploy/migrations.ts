import { InvokeCommand, type LambdaClient } from '../../infrastructure/aws/more.ts';
import { DeployError } from './stack.ts';

/** Lets the function bring the database up to date; gives back what it applied. Throws DeployError where it could not. */
export async function invokeMigrations(lambda: LambdaClient, FunctionName: string): Promise<string[]> {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  const answer = parsed(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined || !Array.isArray(answer.applied))
    throw new DeployError(
      `The stack stands, and ${FunctionName} could not bring the database up to date: ${answer.errorMessage ?? JSON.stringify(answer)}\nMend the cause and deploy again: nothing else will be changed.`,
    );
  return answer.applied;
}

function parsed(text: string): { applied?: string[]; errorMessage?: string } {
  try {
    return JSON.parse(text);
  } catch {
    return { errorMessage: text };
  }
}
