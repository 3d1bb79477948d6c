import * as z from 'zod/mini';
import type { Variable } from '../../../contracts/environment/variable.ts';
import { issuesOf } from '../../../contracts/wire/issues.ts';
import type { Parameter as Definition } from '../../infrastructure/template/parameters.ts';
import type { FunctionParameters } from './function-parameters.ts';

/** Values by the parameter's name. */
export type Values = Record<string, string>;

/** A parameter as CreateChangeSet takes it: a value, or what the stack has. */
export type Setting = { ParameterKey: string; ParameterValue?: string; UsePreviousValue?: boolean };

/** What the parameters come from, the strongest first. */
export type Sources = {
  /** What the deployment itself says: where the code is, and which stage. */
  own: Values;
  /** What the operator says. */
  given: Values;
  /** What the stack was deployed with. */
  previous: Values;
};

/** A parameter is missing, unknown or malformed; the message names each, and how to say it. */
export class WrongParameters extends Error {
  override name = 'WrongParameters';
}

/**
 * Every parameter of the template with its value; `handed` are those that functions read, which may ask more of them than
 * CloudFormation does. Pure. Throws WrongParameters.
 */
export function settingsOf(
  definitions: Record<string, Definition>,
  sources: Sources,
  handed: FunctionParameters = {},
): Setting[] {
  const faults = [...unknownOf(definitions, sources), ...malformedOf(definitions, sources, handed)];
  const settings = Object.keys(definitions).flatMap((name): Setting[] => {
    const { value, isPrevious } = sourced(name, sources);
    if (value !== undefined)
      return [{ ParameterKey: name, ...(isPrevious ? { UsePreviousValue: true } : { ParameterValue: value }) }];
    if (definitions[name]?.Default === undefined) faults.push(`${name} is missing: ${definitions[name]?.Description}`);
    return [];
  });
  if (faults.length === 0) return settings;
  const how = 'Say them by --parameter Name=Value; the next deployment remembers them.';
  throw new WrongParameters([...faults, how].join('\n'));
}

/** By own properties: a parameter may have the name of something that every object has. */
const of = <Value>(values: Record<string, Value>, name: string) =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function sourced(name: string, { own, given, previous }: Sources) {
  const said = of(own, name) ?? of(given, name);
  return { value: said ?? of(previous, name), isPrevious: said === undefined };
}

function unknownOf(definitions: Record<string, Definition>, { own, given }: Sources): string[] {
  const may = Object.keys(definitions).filter((name) => !Object.hasOwn(own, name));
  return Object.keys(given).flatMap((name) => {
    if (Object.hasOwn(own, name)) return [`${name} is said by the deployment itself`];
    return Object.hasOwn(definitions, name) ? [] : [`${name} is no parameter; there are ${may.join(', ')}`];
  });
}

/** Also what was good for the release before: it may lack what this one asks for. */
function malformedOf(definitions: Record<string, Definition>, sources: Sources, handed: FunctionParameters): string[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const { value = '' } = sourced(name, { ...sources, own: {} });
    const fault = Object.hasOwn(sources.given, name) ? faultOf(definition, value) : null;
    if (fault !== null) return [`${name} is ${fault}: ${definition.Description}`];
    return problemsOf(of(handed, name), value).map((problem) => `${name}: ${problem}`);
  });
}

/** What a function would say at its start, when everything is deployed and it answers nobody. */
function problemsOf(variable: Variable | undefined, value: string): string[] {
  if (variable === undefined || value === '') return [];
  const read = z.safeParse(variable.schema, value);
  return read.success ? [] : issuesOf(read.error).map(({ message }) => message);
}

/** What is wrong with a value, before CloudFormation says it half a minute later. */
function faultOf(definition: Definition, value: string): string | null {
  const { AllowedPattern, AllowedValues, MinValue = -Infinity, MaxValue = Infinity, Type } = definition;
  if (AllowedValues !== undefined && !AllowedValues.includes(value)) return `one of ${AllowedValues.join(', ')}`;
  if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(value)) return `malformed (${AllowedPattern})`;
  const isWithin = Number(value) >= MinValue && Number(value) <= MaxValue;
  if (Type === 'Number' && (value.trim() === '' || !isWithin)) return `a number from ${MinValue} to ${MaxValue}`;
  return null;
}
