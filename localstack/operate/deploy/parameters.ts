import * as z from 'zod/mini';
import type { Variable } from '../../../contracts/environment/variable.ts';
import { issuesOf } from '../../../contracts/wire/issues.ts';
import type { TemplateParameter as Definition } from '../../infrastructure/template/parameters.ts';
import type { FunctionParameters } from './function-parameters.ts';

/** Values by name of the parameter. */
export type Values = Record<string, string>;

/** A parameter for CreateChangeSet: a new value, or the value that the stack has. */
export type Setting = { ParameterKey: string; ParameterValue?: string; UsePreviousValue?: boolean };

/** Sources of parameter values. An earlier one goes before a later one. */
export type Sources = {
  /** Values of the deployment itself: the stage, and the place of the code. */
  own: Values;
  /** Values from --parameter. */
  given: Values;
  /** Values of the last deployment. */
  previous: Values;
};

/** Thrown if parameters are missing, unknown or malformed. The message names each, and how to give it. */
export class WrongParameters extends Error {
  override name = 'WrongParameters';
}

/**
 * Finds the value of every parameter of the template. `read` holds the variables of functions: their checks may be
 * stricter than those of CloudFormation. Pure. Throws WrongParameters.
 */
export function settingsOf(
  definitions: Record<string, Definition>,
  sources: Sources,
  read: FunctionParameters = {},
): Setting[] {
  const faults = [...unknownOf(definitions, sources), ...malformedOf(definitions, sources, read)];
  const settings = Object.keys(definitions).flatMap((name): Setting[] => {
    const { value, isPrevious } = sourced(name, sources);
    if (value !== undefined)
      return [{ ParameterKey: name, ...(isPrevious ? { UsePreviousValue: true } : { ParameterValue: value }) }];
    if (definitions[name]?.Default === undefined) faults.push(`${name} is missing: ${definitions[name]?.Description}`);
    return [];
  });
  if (faults.length === 0) return settings;
  const how = 'Give them by --parameter Name=Value; the next deployment remembers them.';
  throw new WrongParameters([...faults, how].join('\n'));
}

/** Reads own properties only: a parameter may be called as a property that every object has. */
const of = <Value>(values: Record<string, Value>, name: string) =>
  Object.hasOwn(values, name) ? values[name] : undefined;

function sourced(name: string, { own, given, previous }: Sources) {
  const said = of(own, name) ?? of(given, name);
  return { value: said ?? of(previous, name), isPrevious: said === undefined };
}

function unknownOf(definitions: Record<string, Definition>, { own, given }: Sources): string[] {
  const may = Object.keys(definitions).filter((name) => !Object.hasOwn(own, name));
  return Object.keys(given).flatMap((name) => {
    if (Object.hasOwn(own, name)) return [`${name} is set by the deployment itself; leave it out`];
    return Object.hasOwn(definitions, name) ? [] : [`${name} is not a parameter; the parameters are ${may.join(', ')}`];
  });
}

/** Checks given and remembered values: a value that was good for the last release may not be good for this one. */
function malformedOf(definitions: Record<string, Definition>, sources: Sources, read: FunctionParameters): string[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const { value = '' } = sourced(name, { ...sources, own: {} });
    const fault = Object.hasOwn(sources.given, name) ? faultOf(definition, value) : null;
    if (fault !== null) return [`${name} must be ${fault}: ${definition.Description}`];
    return problemsOf(of(read, name), value).map((problem) => `${name}: ${problem}`);
  });
}

/** Lists the problems that a function would report at its start, after everything is deployed. */
function problemsOf(variable: Variable | undefined, value: string): string[] {
  if (variable === undefined || value === '') return [];
  const read = z.safeParse(variable.schema, value);
  return read.success ? [] : issuesOf(read.error).map(({ message }) => message);
}

/** Says what a value must be; null if it is good. CloudFormation would say so only half a minute later. */
function faultOf(definition: Definition, value: string): string | null {
  const { AllowedPattern, AllowedValues, MinValue = -Infinity, MaxValue = Infinity, Type } = definition;
  if (AllowedValues !== undefined && !AllowedValues.includes(value)) return `one of ${AllowedValues.join(', ')}`;
  if (AllowedPattern !== undefined && !new RegExp(AllowedPattern).test(value)) return `of the form ${AllowedPattern}`;
  const isWithin = Number(value) >= MinValue && Number(value) <= MaxValue;
  if (Type === 'Number' && (value.trim() === '' || !isWithin)) return `a number from ${MinValue} to ${MaxValue}`;
  return null;
}
