import { InvokeCommand, type LambdaClient } from '../../infrastructure/aws/more.ts';
import { DeployError } from './stack.ts';

/**
 * Invokes the function that migrates the database. Returns the migrations it applied. Throws DeployError if it fails.
 */
export async function invokeMigrations(lambda: LambdaClient, FunctionName: string): Promise<string[]> {
  const { Payload, FunctionError } = await lambda.send(new InvokeCommand({ FunctionName, Payload: '{}' }));
  const answer = parsed(Buffer.from(Payload ?? []).toString());
  if (FunctionError !== undefined || !Array.isArray(answer.applied))
    throw new DeployError(
      `The stack is deployed, but ${FunctionName} could not migrate the database: ` +
        `${answer.errorMessage ?? JSON.stringify(answer)}\nCorrect the cause and deploy again: nothing else will be changed.`,
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
