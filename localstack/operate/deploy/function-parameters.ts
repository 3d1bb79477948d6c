import { consumerVariables } from '../../../consumers/variables.ts';
import type { Variable, Variables } from '../../../contracts/environment/variable.ts';
import { publisherVariables } from '../../../publisher/variables.ts';
import type { FunctionSpec } from '../../infrastructure/template/functions/function.ts';

/** Variables of functions, by the name of the template parameter that fills them. */
export type FunctionParameters = Readonly<Record<string, Variable>>;

const variables: Variables = { ...consumerVariables, ...publisherVariables };

/** Finds the variables of these functions that a parameter or a resource of the template fills. Pure. */
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

/** Returns the name that a value refers to, also inside a condition; null if it refers to none. */
function referred(value: unknown): string | null {
  const { Ref, 'Fn::If': choice } = value as { Ref?: string; 'Fn::If'?: [string, unknown, unknown] };
  return choice === undefined ? (Ref ?? null) : referred(choice[1]);
}
