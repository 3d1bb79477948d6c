import { consumerVariables } from '../../../consumers/variables.ts';
import type { Variable, Variables } from '../../../contracts/environment/variable.ts';
import { publisherVariables } from '../../../publisher/variables.ts';
import type { FunctionSpec } from '../../infrastructure/template/functions/function.ts';

/** The variable of a function by the name of what the template hands to it. */
export type FunctionParameters = Readonly<Record<string, Variable>>;

const variables: Variables = { ...consumerVariables, ...publisherVariables };

/** What these functions find in their environment, with what they take it for: parameters, and resources beside them. Pure. */
export function functionParameters(specs: readonly Pick<FunctionSpec, 'environment'>[]): FunctionParameters {
  const entries = specs.flatMap(({ environment }) => Object.entries(environment));
  return Object.fromEntries(
    entries.flatMap(([name, value]) => {
      const parameter = referred(value);
      const variable = variables[name];
      return parameter === null || variable === undefined ? [] : [[parameter, variable]];
    }),
  );
}

/** What is handed over, or would be where it is stated. */
function referred(value: unknown): string | null {
  const { Ref, 'Fn::If': choice } = value as { Ref?: string; 'Fn::If'?: [string, unknown, unknown] };
  return choice === undefined ? (Ref ?? null) : referred(choice[1]);
}
